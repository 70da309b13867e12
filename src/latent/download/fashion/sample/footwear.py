"""Shapes of shoes, seen from the side, with the toe on the left.

The ground is at y = 0, the toe near x = 0 and the heel near x = 28.
"""

from numpy.random import Generator

from latent.download.fashion.sample.outlines import (
    Part,
    bend,
    box,
    chance,
    cloth_tone,
    disc,
    soft,
    trim_tone,
)


def sneaker(rng: Generator) -> list[Part]:
    """Generate a sneaker: a low shoe with a flat sole, laces and a mark on the side."""
    cloth = cloth_tone(rng)
    trim = trim_tone(rng, cloth)
    sole = rng.uniform(1.4, 2.8)
    collar = rng.uniform(13.5, 17.0) if chance(rng, 0.18) else rng.uniform(9.0, 12.0)
    tongue = collar + rng.uniform(-0.4, 1.6)
    toe = sole + rng.uniform(2.2, 3.8)
    opening = rng.uniform(14.0, 17.5)
    upper = [
        (0.2, -sole),
        (0.8, -toe + 0.6),
        (3.2, -toe),
        (8.5, -toe - 1.6),
        (opening - 1.5, -tongue + 0.8),
        (opening, -tongue),
        (opening + 2.0, -tongue + 0.4),
        (opening + 5.0, -collar * rng.uniform(0.72, 0.92)),
        (25.2, -collar),
        (26.6, -collar + 0.2),
        (26.4, -collar * 0.7),
        (27.7, -collar * 0.4),
        (27.4, -sole),
    ]
    parts = [Part(soft(upper, 1), cloth)]
    if chance(rng, 0.4):
        cap = [(0.3, -sole), (0.9, -toe + 0.7), (3.0, -toe + 0.2), (5.5, -toe - 0.4), (6.5, -sole)]
        parts.append(Part(soft(cap, 1), cloth * rng.uniform(0.65, 0.9)))
    if chance(rng, 0.5):
        patch = [(22.5, -sole), (24.6, -collar * 0.8), (26.2, -collar * 0.8), (27.3, -sole)]
        parts.append(Part(patch, trim if chance(rng, 0.3) else cloth * rng.uniform(0.6, 0.85)))
    parts += _side_mark(rng, trim, sole, collar)
    for step in range(4):
        share = step / 3.5
        x, y = 8.5 + share * (opening - 9.5), -toe - 1.4 - share * (tongue - toe - 2.6)
        parts.append(Part([(x - 0.6, y), (x + 2.0, y + 1.4)], trim, 0.6))
    sole_tone = 0.95 if chance(rng, 0.5) else rng.uniform(0.15, 0.6)
    curl = rng.uniform(0.0, 1.2)
    base = [(0.0, -sole), (28.0, -sole), (28.2, -0.8), (26.5, 0.0), (3.0, 0.0), (0.4, -curl)]
    parts.append(Part(base, sole_tone))
    parts.append(Part([(0.4, -sole), (27.8, -sole)], cloth * 0.35, 0.5))
    return parts


def _side_mark(rng: Generator, tone: float, sole: float, collar: float) -> list[Part]:
    """Return the mark on the side of a sneaker: slanted stripes, a hook, a seam or none."""
    top = -collar * 0.72
    match rng.integers(4):
        case 0:
            return [
                Part([(x, -sole - 0.4), (x + 2.2, top)], tone, rng.uniform(0.7, 1.3))
                for x in (12.5, 15.0, 17.5)
            ]
        case 1:
            hook = [(10.0, -sole - 2), (12.5, -sole - 0.6), (23.5, top), (14.0, -sole - 2.4)]
            return [Part(hook, tone)]
        case 2:
            return [Part(bend([(9.0, -sole), (13.0, -sole - 3.5), (25.0, -sole - 2)]), tone, 0.7)]
        case _:
            return []


def ankle_boot(rng: Generator) -> list[Part]:
    """Generate an ankle boot: a closed shoe with a shaft and a flat, block or thin heel."""
    cloth = cloth_tone(rng)
    dark = cloth * rng.uniform(0.3, 0.6)
    heel = rng.uniform(4.5, 9.0) if chance(rng, 0.4) else rng.uniform(1.4, 3.0)
    shaft = heel + rng.uniform(14.0, 20.0)
    front = rng.uniform(11.5, 14.5)
    back = 27.0 - heel * 0.25
    lean = rng.uniform(-1.0, 1.2)
    toe_height = rng.uniform(4.2, 6.5)
    upper = [
        (0.4, -1.0),
        (0.4, -toe_height + 1.0),
        (3.0, -toe_height),
        (front - 5.0, -toe_height - 1.2 - heel * 0.35),
        (front - 0.6, -toe_height - 4.6 - heel * 0.7),
        (front + lean, -shaft + rng.uniform(-0.8, 0.8)),
        (back - 1.2 + lean, -shaft),
        (back - 1.4, -heel - 8.0),
        (back + 0.4, -heel - 3.0),
        (back, -heel),
        (back - 5.5, -heel),
        (12.5, -1.0 - heel * 0.25),
        (8.0, -0.8),
    ]
    parts = [Part(soft(upper, 1), cloth)]
    parts += _shaft_details(rng, cloth, (front + lean, back - 1.4 + lean), (heel, shaft))
    sole_tone = dark if chance(rng, 0.6) else min(1.0, cloth * 1.15)
    thin = heel > 5.5 and chance(rng, 0.5)
    tread = rng.uniform(1.6, 2.4) if thin else rng.uniform(4.5, 7.0)
    block = [
        (back + 0.3, -heel - 0.4),
        (back - 0.2, 0.0),
        (back - 0.2 - tread, 0.0),
        (back - (5.5 if thin else tread + 0.8), -heel - 0.4),
    ]
    parts.append(Part(block, sole_tone))
    arch = bend([(9.5, -0.6), (14.5, -0.8 - heel * 0.35), (back - 5.5, -heel)], 1)
    parts.append(Part([(0.4, -0.6), *arch, (back, -heel)], sole_tone, rng.uniform(0.9, 1.8)))
    return parts


def _shaft_details(
    rng: Generator, cloth: float, across: tuple[float, float], up: tuple[float, float]
) -> list[Part]:
    """Return the rim of the shaft and a zip, an elastic side, laces, a strap or nothing."""
    (left, right), (heel, shaft) = across, up
    middle = (left + right) / 2
    shade = cloth * rng.uniform(0.35, 0.65)
    parts = [Part([(left, -shaft + 0.5), (right, -shaft + 0.5)], cloth * 0.7, 0.8)]
    match rng.integers(5):
        case 0:
            parts.append(Part([(middle + 1, -shaft + 1), (middle + 1, -heel - 3)], shade, 0.7))
        case 1:
            gore = [(middle - 2, -shaft), (middle + 3, -shaft), (middle + 0.8, -heel - 6.5)]
            parts.append(Part(gore, shade))
        case 2:
            for step in range(4):
                y = -shaft + 1.8 + step * (shaft - heel - 8) / 3.4
                x = left - 0.2 - step * 0.5
                parts.append(Part([(x, y), (x + 3.2, y + 0.9)], shade, 0.7))
        case 3:
            y = -heel - rng.uniform(7.0, 9.5)
            parts.append(Part([(left - 1, y + 1), (right + 0.6, y)], shade, rng.uniform(0.8, 1.6)))
            parts.append(Part(box(middle, y - 0.6, middle + 1.6, y + 1.4), min(1.0, cloth * 1.3)))
        case _:
            pass
    return parts


def sandal(rng: Generator) -> list[Part]:
    """Generate a sandal with straps: flat, with a wedge or with a high heel."""
    cloth = cloth_tone(rng)
    match rng.choice(("flat", "wedge", "heel"), p=(0.5, 0.2, 0.3)):
        case "flat":
            return _flat_sandal(rng, cloth)
        case "wedge":
            return _raised_sandal(rng, cloth, rng.uniform(4.0, 8.0), wedge=True)
        case _:
            return _raised_sandal(rng, cloth, rng.uniform(8.0, 13.0), wedge=False)


def _flat_sandal(rng: Generator, cloth: float) -> list[Part]:
    """Return a flat sandal. The background is visible between its straps."""
    thick = rng.uniform(1.2, 3.2)
    sole = [(0.0, -thick), (28.0, -thick - rng.uniform(0.0, 1.2)), (27.6, -0.2), (20.0, 0.0)]
    sole += [(14.0, -0.4), (2.0, 0.0)]
    parts = [Part(sole, cloth * rng.uniform(0.55, 1.1))]
    wide = rng.uniform(1.0, 2.6)
    top = -thick - rng.uniform(3.5, 6.5)
    toe = rng.uniform(2.5, 5.0)
    end = toe + rng.uniform(7.0, 10.0)
    middle = (toe + end) / 2
    match rng.integers(4):
        case 0:  # one wide band
            band = [(toe + 1.5, top), (end - 3.0, 1.2 * top), (end, -thick)]
            parts.append(Part(bend([(toe, -thick), *band], 1), cloth))
        case 1:  # two bands, one behind the other
            for x in (toe, toe + rng.uniform(4.5, 6.5)):
                band = bend([(x, -thick), (x + 1.5, top), (x + 4.0, top - 0.4), (x + 5.0, -thick)])
                parts.append(Part(band, cloth, wide))
        case 2:  # two crossing bands
            for x, shift in ((toe, 3.0), (toe + 3.0, -1.0)):
                cross = bend([(x, -thick), (middle + shift, 1.4 * top), (x + 8.0, -thick)])
                parts.append(Part(cross, cloth, wide))
        case _:  # a thong between the toes
            thong = bend([(toe, -thick), (toe + 1.0, top), (toe + 4.0, top - 0.5), (16.0, -thick)])
            parts.append(Part(thong, cloth, wide))
    if chance(rng, 0.65):  # a strap around the heel or the ankle
        ankle = top - rng.uniform(-0.5, 5.0)
        front = rng.uniform(12.5, 17.0)
        around = [(front, ankle), (20.0, ankle + 1), (26.0, ankle), (26.5, -thick)]
        side = [(middle, top), (front, ankle), (rng.uniform(19.0, 23.0), -thick)]
        parts += [Part(bend(line), cloth, wide * 0.8) for line in (around, side)]
        parts.append(Part(disc(front + 2.0, ankle + 0.6, 0.9), trim_tone(rng, cloth)))
    return parts


def _raised_sandal(rng: Generator, cloth: float, heel: float, wedge: bool) -> list[Part]:
    """Return a sandal with a wedge or a thin heel, whose height is `heel`."""
    sole_tone = cloth * rng.uniform(0.6, 1.1)
    bed = [(0.0, -1.8), (6.0, -1.6), (10.0, -2.4), (18.0, -heel - 0.2), (26.0, -heel - 0.8)]
    bed = bend(bed, 1)
    parts: list[Part] = []
    if wedge:
        parts.append(Part([*bed, (26.5, -heel), (25.0, 0.0), (1.0, 0.0)], sole_tone))
        parts.append(Part([(3.0, -0.8), (25.3, -heel * 0.3)], sole_tone * 0.7, 0.8))
    else:
        slim = rng.uniform(0.8, 2.6)
        post = [(26.0, -heel - 0.4), (25.6, 0.0), (25.6 - slim, 0.0), (22.5, -heel + 1.0)]
        parts.append(Part(post, sole_tone))
        under = [(25.5, -heel + 1.0), (19.0, -heel + 1.6), (10.0, -0.8), (6.0, 0.0), (0.4, 0.0)]
        parts.append(Part([*bed, *under], sole_tone))
    wide = rng.uniform(1.0, 2.6)
    for x in (2.5, 5.0, 7.5)[: rng.integers(1, 4)]:
        rise = rng.uniform(3.6, 5.4) + x * 0.15
        strap = bend([(x, -1.6), (x + 1.0, -rise), (x + 4.0, -rise - 0.6), (x + 5.0, -2.4)])
        parts.append(Part(strap, cloth, wide))
    ankle = heel + rng.uniform(4.5, 8.0)
    counter = bend([(26.0, -heel), (25.6, -heel - 3.0), (24.8, -ankle)])
    parts.append(Part(counter, cloth, wide))
    near, far = (24.8, -ankle), (rng.uniform(15.0, 17.5), -ankle - rng.uniform(0.0, 1.0))
    if chance(rng, 0.8):  # a strap around the ankle: its near side and part of its far side
        parts.append(Part(bend([near, (20.0, -ankle + 2.0), far]), cloth, wide))
        parts.append(Part([near, far], cloth * 0.7, wide * 0.5))
    if chance(rng, 0.5):
        instep = bend([(8.0, -4.5), (12.5, -heel * 0.5 - 3.5), far])
        parts.append(Part(instep, cloth, wide))
    return parts
