"""Parts of clothes with a trunk and sleeves.

The middle line is at x = 0 and the neck near y = 0.
"""

from typing import NamedTuple

from numpy.random import Generator

from latent.download.fashion.sample.outlines import Part, Points, bend, both, box, disc, flip

SHOULDER_DROP = 1.8  # y of the tip of the shoulder, below the neck


class Cut(NamedTuple):
    """Measurements of an item of clothing.

    Attributes:
        neck: Half the width of the neckline.
        dip: Depth of the neckline.
        shoulder: Half the width at the shoulders.
        armhole: y of the lower end of the armholes.
        waist: Half the width at the waist.
        hem: Half the width at the hem.
        length: y of the hem.
    """

    neck: float
    dip: float
    shoulder: float
    armhole: float
    waist: float
    hem: float
    length: float


def neckline(cut: Cut, round_neck: bool) -> Points:
    """Return the right half of the neckline, from the middle to the shoulder."""
    corner = [(cut.neck * 0.75, cut.dip * 0.8)] if round_neck else []
    return [(0.0, cut.dip), *corner, (cut.neck, 0.0)]


def body(cut: Cut, round_neck: bool, tail: float = 0.0) -> Points:
    """Return the outline of the trunk. The hem is higher by `tail` at the sides."""
    return both(
        [
            *neckline(cut, round_neck),
            (cut.shoulder, SHOULDER_DROP),
            (cut.shoulder - 0.4, cut.armhole * 0.6),
            (max(cut.shoulder - 0.2, cut.waist), cut.armhole),
            (cut.waist, cut.armhole + (cut.length - cut.armhole) * 0.4),
            (cut.hem, cut.length - tail),
            (cut.hem * 0.6, cut.length),
        ]
    )


def sleeves(rng: Generator, cut: Cut, cloth: float, reach: float, drop: float) -> list[Part]:
    """Return both sleeves.

    Args:
        rng: Random generator.
        cut: Measurements of the item.
        cloth: Brightness of the fabric.
        reach: Horizontal distance of the cuffs from the shoulders.
        drop: Vertical distance of the cuffs from the shoulders.
    """
    tone = cloth * rng.uniform(0.75, 1.2)
    cuff = rng.uniform(1.9, 2.7) + 9.0 / drop  # shorter sleeves are wider at the end
    end_x, end_y = cut.shoulder + reach, SHOULDER_DROP + drop
    sleeve = [
        (cut.neck, 0.0),
        (cut.shoulder, SHOULDER_DROP * 0.8),
        (cut.shoulder + reach * 0.6, SHOULDER_DROP + drop * 0.33),
        (end_x, end_y),
        (end_x - cuff, end_y + reach * 0.25),
        (cut.shoulder - 0.8, cut.armhole + 0.6),
    ]
    shadow = sleeve[-2:]
    return [
        Part(sleeve, tone),
        Part(flip(sleeve), tone),
        Part(shadow, tone * 0.5, 0.9),
        Part(flip(shadow), tone * 0.5, 0.9),
    ]


def cuffs(rng: Generator, cut: Cut, tone: float, reach: float, drop: float) -> list[Part]:
    """Return a band around the end of each sleeve. See `sleeves` for the arguments."""
    end_x, end_y = cut.shoulder + reach, SHOULDER_DROP + drop
    band = [(end_x - 0.2, end_y - 0.6), (end_x - 2.6, end_y - 0.6 + reach * 0.25)]
    width = rng.uniform(0.8, 1.8)
    return [Part(band, tone, width), Part(flip(band), tone, width)]


def armholes(cut: Cut, cloth: float) -> list[Part]:
    """Return the seams between the trunk and the sleeves."""
    inset = cut.shoulder - 0.8
    seam = bend([(cut.shoulder, SHOULDER_DROP), (inset, 5.0), (cut.shoulder, cut.armhole)])
    return [Part(seam, cloth * 0.65, 0.7), Part(flip(seam), cloth * 0.65, 0.7)]


def chest_print(rng: Generator, tone: float, middle: float, size: float) -> list[Part]:
    """Return a print on the chest: letters, a badge, a diamond, a block or two bands."""
    match rng.integers(5):
        case 0:
            edges = [-size + index * size / 3 for index in range(6)]
            return [
                Part(box(x, middle - rng.uniform(0.8, 1.8), x + size / 4, middle + 0.8), tone)
                for x in edges
            ]
        case 1:
            badge = [Part(disc(0.0, middle + 1, size), tone)]
            inside = disc(rng.uniform(-0.5, 0.5), middle + 1, size * rng.uniform(0.3, 0.7))
            return [*badge, Part(inside, max(0.0, 0.95 - tone))]
        case 2:
            height = size * rng.uniform(0.8, 2.0)
            tips = [(0.0, middle - height), (size, middle), (0.0, middle + height), (-size, middle)]
            return [Part([*tips, tips[0]], tone, rng.uniform(0.4, 2.0))]
        case 3:
            return [Part(box(-size, middle - 1.2, size, middle + rng.uniform(0.8, 5.0)), tone)]
        case _:
            bands = (middle - 1.5, middle + 1.5)
            return [Part([(-5.8, y), (5.8, y)], tone, rng.uniform(0.8, 2.0)) for y in bands]
