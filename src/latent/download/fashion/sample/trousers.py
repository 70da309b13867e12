"""Shape of trousers, seen from the front. The waist is at y = 0, the middle line at x = 0."""

from numpy.random import Generator

from latent.download.fashion.sample.outlines import (
    Part,
    bend,
    chance,
    cloth_tone,
)


def trousers(rng: Generator) -> list[Part]:
    """Generate trousers: a waistband and two legs with a gap between them."""
    cloth = cloth_tone(rng)
    waist = rng.uniform(3.8, 4.8)
    hip = waist + rng.uniform(0.3, 1.2)
    crotch = rng.uniform(7.5, 10.0)
    length = rng.uniform(17.0, 21.0) if chance(rng, 0.1) else rng.uniform(26.0, 30.0)
    inner = rng.uniform(0.5, 2.0)
    ankle = inner + rng.uniform(2.2, 5.0)
    knee = (hip + ankle) / 2 - rng.uniform(0.0, 0.8)
    parts: list[Part] = []
    for side in (-1, 1):
        tone = cloth * rng.uniform(0.92, 1.04)
        sway = rng.uniform(-0.5, 0.5)  # legs are not perfectly straight
        leg = [
            (0.0, 0.0),
            (waist, 0.0),
            (hip, crotch * 0.8),
            (knee + sway, (crotch + length) / 2),
            (ankle + sway, length),
            (inner + sway, length + rng.uniform(-0.4, 0.4)),
            (inner * 0.6 + sway * 0.5, (crotch + length) / 2),
            (0.0, crotch),
        ]
        parts.append(Part([(side * x, y) for x, y in leg], tone))
        if chance(rng, 0.5):
            crease = [(side * hip * 0.5, crotch), (side * (inner + ankle + 2 * sway) / 2, length)]
            shade = min(1.0, tone * rng.uniform(0.6, 1.3))
            parts.append(Part(crease, shade, rng.uniform(0.6, 1.4)))
        if chance(rng, 0.6):
            pocket = bend([(side * waist * 0.5, 1.2), (side * waist * 0.6, 3), (side * hip, 3.6)])
            parts.append(Part(pocket, tone * 0.6, 0.5))
    parts.append(Part([(-waist, 0.5), (waist, 0.5)], cloth * rng.uniform(0.55, 0.9), 1.3))
    parts.append(Part([(0.0, 1.0), (0.0, crotch)], cloth * rng.uniform(0.5, 0.8), 0.6))
    return parts
