"""Shapes of bags, seen from the front. The rim is at y = 0, the middle line at x = 0."""

from numpy.random import Generator

from latent.download.fashion.sample.outlines import (
    Part,
    bend,
    both,
    box,
    chance,
    cloth_tone,
    disc,
    flip,
    soft,
    trim_tone,
)


def bag(rng: Generator) -> list[Part]:
    """Generate a bag: a wide body with a loop, a grip, side straps or no handle."""
    cloth = cloth_tone(rng)
    trim = trim_tone(rng, cloth) if chance(rng, 0.5) else cloth * rng.uniform(0.5, 0.9)
    handle = rng.choice(("loop", "grip", "sides", "none"), p=(0.35, 0.25, 0.2, 0.2))
    width = rng.uniform(10.0, 13.0)
    height = rng.uniform(13.0, 19.0) if handle == "loop" else rng.uniform(13.0, 17.5)
    top = width * rng.uniform(0.72, 1.1)
    parts: list[Part] = []
    thick = rng.uniform(0.9, 1.9)
    if handle in ("loop", "grip"):
        rise = rng.uniform(7.0, 12.0) if handle == "loop" else rng.uniform(3.5, 5.5)
        foot = top * (rng.uniform(0.45, 0.7) if handle == "loop" else rng.uniform(0.25, 0.4))
        arch = bend([(0.0, -rise), (foot * 0.9, -rise), (foot, 1.5)])
        parts += [Part(arch, trim, thick), Part(flip(arch), trim, thick)]
    elif handle == "sides":
        out, low = rng.uniform(2.2, 4.2), height * rng.uniform(0.5, 0.85)
        strap = bend([(top - 1, 0.6), (top + out, -0.6), (width + out, low), (width - 1, low + 1)])
        parts += [Part(strap, trim, thick * 0.8), Part(flip(strap), trim, thick * 0.8)]
    body = both([(top * 0.8, 0.0), (top, 0.8), (width, height * 0.75), (width * 0.9, height)])
    parts.append(Part(soft(body, 2) if chance(rng, 0.4) else body, cloth))
    if chance(rng, 0.45):
        fold = height * rng.uniform(0.35, 0.65)
        reach = top * rng.uniform(0.3, 0.9)
        flap = both([(top * 0.9, 0.4), (top * 0.95, fold * 0.6), (reach, fold)])
        parts.append(Part(flap, min(1.0, cloth * rng.uniform(0.8, 1.15))))
        parts.append(Part(flap[1:-1], cloth * 0.45, 0.7))
        parts.append(Part(disc(0.0, fold, rng.uniform(0.7, 1.3)), trim))
    else:
        seam = rng.uniform(1.2, 3.0)
        parts.append(Part([(-top * 0.95, seam), (top * 0.95, seam)], cloth * 0.5, 0.8))
        if chance(rng, 0.45):
            left, upper = -width * rng.uniform(0.4, 0.7), height * rng.uniform(0.4, 0.55)
            pocket = box(left, upper, -left, height * 0.85)
            parts.append(Part(pocket + pocket[:1], cloth * 0.55, 0.7))
    if chance(rng, 0.3):
        base = height - 1.0
        parts.append(Part([(-width * 0.9, base), (width * 0.9, base)], cloth * 0.5, 1.6))
    return parts
