"""Shapes of clothes with a trunk and sleeves, seen from the front."""

from numpy.random import Generator

from latent.download.fashion.sample.garment_parts import (
    Cut,
    armholes,
    body,
    chest_print,
    cuffs,
    neckline,
    sleeves,
)
from latent.download.fashion.sample.outlines import (
    Part,
    both,
    box,
    chance,
    cloth_tone,
    disc,
    flip,
    soft,
    trim_tone,
)


def t_shirt(rng: Generator) -> list[Part]:
    """Generate a T-shirt or top with short sleeves or none."""
    cloth = cloth_tone(rng)
    trim = trim_tone(rng, cloth)
    round_neck = chance(rng, 0.75)
    hem = rng.uniform(5.8, 7.4)
    sleeveless = chance(rng, 0.22)
    cut = Cut(
        neck=rng.uniform(2.4, 4.0),
        dip=rng.uniform(1.5, 6.0) if sleeveless else rng.uniform(1.0, 4.0),
        shoulder=rng.uniform(4.2, 5.4) if sleeveless else rng.uniform(6.0, 7.2),
        armhole=rng.uniform(7.0, 9.0),
        waist=hem * rng.uniform(0.86, 1.0),
        hem=hem,
        length=rng.uniform(20.0, 24.0),
    )
    parts = [Part(both([(0.0, 0.5), (cut.neck, 0.0), (0.0, cut.dip)]), cloth * 0.45)]
    if not sleeveless:
        parts += sleeves(rng, cut, cloth, rng.uniform(2.0, 4.2), rng.uniform(4.0, 8.0))
    parts.append(Part(body(cut, round_neck, tail=rng.uniform(0.0, 1.2)), cloth))
    if not sleeveless:
        parts += armholes(cut, cloth)
    rim = neckline(cut, round_neck)
    rim_tone = trim if chance(rng, 0.3) else cloth * 0.8
    parts.append(Part(flip(rim) + rim, rim_tone, rng.uniform(0.5, 1.0)))
    if chance(rng, 0.5):
        parts += chest_print(rng, trim, rng.uniform(9.0, 12.0), rng.uniform(2.0, 4.4))
    return parts


def pullover(rng: Generator) -> list[Part]:
    """Generate a pullover: long sleeves, a closed front, ribs at the hem and the cuffs."""
    cloth = cloth_tone(rng)
    trim = trim_tone(rng, cloth)
    hem = rng.uniform(5.0, 6.4)
    cut = Cut(
        neck=rng.uniform(2.2, 3.8),
        dip=rng.uniform(1.0, 2.6),
        shoulder=rng.uniform(5.6, 6.8),
        armhole=rng.uniform(8.0, 10.0),
        waist=hem * rng.uniform(0.92, 1.08),
        hem=hem,
        length=rng.uniform(20.0, 24.5),
    )
    reach, drop = rng.uniform(2.0, 3.8), cut.length - rng.uniform(1.0, 3.5)
    rib = trim if chance(rng, 0.2) else cloth * rng.uniform(0.7, 0.9)
    parts = sleeves(rng, cut, cloth, reach, drop)
    parts += cuffs(rng, cut, rib, reach, drop)
    parts.append(Part(body(cut, round_neck=True), cloth))
    parts += armholes(cut, cloth)
    band = cut.length - rng.uniform(0.6, 1.2)
    parts.append(Part([(-hem, band), (hem, band)], rib, rng.uniform(1.0, 2.2)))
    if chance(rng, 0.22):  # a turtleneck
        height = rng.uniform(1.2, 3.0)
        parts.append(Part(both([(2.4, -height), (2.9, 0.8), (1.5, 1.6)]), cloth * 0.9))
        parts.append(Part([(-2.6, 0.2), (2.6, 0.2)], cloth * 0.6, 0.5))
    else:
        rim = neckline(cut, round_neck=True)
        parts.append(Part(flip(rim) + rim, rib, rng.uniform(0.8, 1.6)))
    if chance(rng, 0.45):
        parts += chest_print(rng, trim, rng.uniform(8.5, 12.0), rng.uniform(2.0, 4.2))
    return parts


def shirt(rng: Generator) -> list[Part]:
    """Generate a shirt: a collar with two points, a row of buttons, a rounded hem."""
    cloth = cloth_tone(rng)
    trim = cloth * rng.uniform(0.35, 0.65) if cloth > 0.3 else cloth + 0.3
    hem = rng.uniform(5.4, 6.8)
    cut = Cut(
        neck=rng.uniform(2.0, 2.8),
        dip=rng.uniform(1.6, 4.5),
        shoulder=rng.uniform(5.8, 6.8),
        armhole=rng.uniform(7.5, 9.0),
        waist=hem * rng.uniform(0.84, 0.98),
        hem=hem,
        length=rng.uniform(21.5, 26.0),
    )
    if chance(rng, 0.3):
        reach, drop = rng.uniform(2.4, 4.4), rng.uniform(5.0, 9.0)
    else:
        reach, drop = rng.uniform(2.4, 4.4), cut.length - rng.uniform(2.5, 5.5)
    parts = sleeves(rng, cut, cloth, reach, drop)
    parts += cuffs(rng, cut, cloth * 0.85, reach, drop)
    parts.append(Part(body(cut, round_neck=False, tail=rng.uniform(0.8, 3.2)), cloth))
    parts += armholes(cut, cloth)
    parts.append(Part([(0.0, cut.dip), (0.0, cut.length - 0.3)], cloth * 0.82, 1.8))
    for step in range(6):
        y = cut.dip + 1.0 + step * (cut.length - cut.dip - 2.0) / 5.5
        parts.append(Part(disc(0.0, y, 0.6), trim))
    spread = rng.uniform(2.6, 4.2)
    collar = [
        (0.2, cut.dip + 0.2),
        (cut.neck - 0.4, -0.9),
        (cut.neck + 0.6, 0.2),
        (spread, cut.dip + 1.6),
    ]
    for side in (collar, flip(collar)):
        parts.append(Part(side, min(1.0, cloth * 1.12)))
        parts.append(Part(side + side[:1], trim, 0.5))
    if chance(rng, 0.5):
        left, top = rng.uniform(1.8, 2.4), rng.uniform(7.0, 8.5)
        pocket = box(left, top, left + 2.6, top + 3.0)
        parts.append(Part(pocket + pocket[:1], cloth * 0.65, 0.5))
    return parts


def coat(rng: Generator) -> list[Part]:
    """Generate a coat or jacket: long, open at the front, with lapels or a zip."""
    cloth = cloth_tone(rng)
    dark = cloth * rng.uniform(0.1, 0.4)
    hem = rng.uniform(6.2, 8.0)
    cut = Cut(
        neck=rng.uniform(2.2, 3.0),
        dip=rng.uniform(1.0, 2.0),
        shoulder=rng.uniform(6.0, 7.2),
        armhole=rng.uniform(8.0, 9.5),
        waist=hem * rng.uniform(0.8, 0.96),
        hem=hem,
        length=rng.uniform(23.5, 28.0),
    )
    reach, drop = rng.uniform(2.0, 3.8), cut.length * rng.uniform(0.68, 0.86)
    parts = sleeves(rng, cut, cloth, reach, drop)
    parts += cuffs(rng, cut, cloth * 0.75, reach, drop)
    parts.append(Part(body(cut, round_neck=False), cloth))
    parts += armholes(cut, cloth)
    front = rng.uniform(-0.6, 0.6)
    gap = rng.uniform(0.3, 1.4) if chance(rng, 0.5) else 0.0
    lapels = chance(rng, 0.6)
    if lapels:
        depth = rng.uniform(6.0, 11.0)
        parts.append(Part([(-2.0, -0.3), (2.0, -0.3), (front, depth)], cloth * 0.3))
        lapel = [(front, depth), (1.3, -0.6), (2.6, -0.6), (rng.uniform(3.2, 4.6), depth * 0.45)]
        for side in (lapel, [(front, depth), *flip(lapel[1:])]):
            parts.append(Part(side, min(1.0, cloth * 1.15)))
            parts.append(Part(side + side[:1], dark, 0.5))
    else:  # a raised collar or a hood, and a zip
        depth, height = 0.0, rng.uniform(1.0, 3.6)
        collar = both([(2.0, -height), (3.2, 0.6), (1.2, 2.0)])
        parts.append(Part(soft(collar, 1), cloth * rng.uniform(0.65, 0.85)))
    opening = [(front, depth), (front - gap, cut.length), (front + gap, cut.length)]
    parts.append(Part(opening, 0.0))
    line = dark if lapels or cloth < 0.4 or chance(rng, 0.6) else 1.0
    parts.append(Part([(front, depth), (front, cut.length)], line, rng.uniform(0.7, 1.1)))
    if chance(rng, 0.6):
        first, across = depth + 1.5, rng.uniform(1.2, 2.4)
        for step in range(3):
            y = first + step * 3.2
            for x in (front - across, front + across):
                parts.append(Part(disc(x, y, 0.65), dark))
    if chance(rng, 0.75):
        height, slant = cut.length * rng.uniform(0.58, 0.68), rng.uniform(-0.4, 1.6)
        pocket = [(2.0, height), (5.0, height + slant)]
        parts += [Part(pocket, dark, 0.8), Part(flip(pocket), dark, 0.8)]
    if chance(rng, 0.25):
        belt = cut.length * rng.uniform(0.46, 0.54)
        parts.append(Part([(-cut.waist, belt), (cut.waist, belt)], dark, rng.uniform(0.9, 1.6)))
    return parts


def dress(rng: Generator) -> list[Part]:
    """Generate a dress: long and narrow, with a waist and sometimes a wide hem."""
    cloth = cloth_tone(rng)
    trim = trim_tone(rng, cloth)
    kind = rng.choice(("straps", "short", "long"), p=(0.45, 0.35, 0.2))
    waist = rng.uniform(3.0, 4.6)
    cut = Cut(
        neck=rng.uniform(1.5, 2.6),
        dip=rng.uniform(1.5, 4.5),
        shoulder=rng.uniform(2.8, 4.0) if kind == "straps" else rng.uniform(3.8, 5.0),
        armhole=rng.uniform(5.5, 7.0),
        waist=waist,
        hem=waist * rng.uniform(1.0, 2.3),
        length=rng.uniform(26.0, 29.0),
    )
    parts: list[Part] = []
    if kind == "short":
        parts += sleeves(rng, cut, cloth, rng.uniform(1.4, 3.0), rng.uniform(3.6, 6.0))
    elif kind == "long":
        parts += sleeves(rng, cut, cloth, rng.uniform(1.6, 3.4), rng.uniform(12.0, 16.0))
    round_neck = chance(rng, 0.6)
    parts.append(Part(body(cut, round_neck, tail=rng.uniform(0.0, 1.0)), cloth))
    belt = cut.armhole + (cut.length - cut.armhole) * rng.uniform(0.24, 0.36)
    if chance(rng, 0.55):
        tone = trim if chance(rng, 0.5) else cloth * 0.7
        parts.append(Part([(-waist, belt), (waist, belt)], tone, rng.uniform(0.6, 1.6)))
    if chance(rng, 0.5):  # pleats that spread towards the hem
        for share in (-0.66, -0.22, 0.22, 0.66):
            pleat = [(share * waist * 0.8, belt + 1), (share * cut.hem, cut.length - 0.5)]
            parts.append(Part(pleat, cloth * rng.uniform(0.6, 0.85), 0.7))
    if chance(rng, 0.3):
        rim = neckline(cut, round_neck)
        parts.append(Part(flip(rim) + rim, trim, 0.8))
    return parts
