"""Outlines from which garments are put together.

A garment is a list of parts painted one over the other. Its coordinates are free: x runs to the
right, y runs down, and whoever paints it scales the whole to the picture. Curves are made by
cutting corners and never by sines, so that every machine gets the same bytes.
"""

from itertools import pairwise
from typing import NamedTuple

from numpy.random import Generator

Points = list[tuple[float, float]]


class Part(NamedTuple):
    """One filled outline, or a stroke along the points where ``width`` is above zero.

    ``tone`` is its brightness, from 0 (the background) to 1.
    """

    points: Points
    tone: float
    width: float = 0.0


def soft(points: Points, rounds: int = 2) -> Points:
    """Round the corners of a closed outline by cutting each of them off, `rounds` times."""
    for _ in range(rounds):
        following = points[1:] + points[:1]
        points = [cut for a, b in zip(points, following, strict=True) for cut in _cuts(a, b)]
    return points


def bend(points: Points, rounds: int = 2) -> Points:
    """Round the corners of an open line; its two ends stay where they are."""
    for _ in range(rounds):
        inner = [cut for a, b in pairwise(points) for cut in _cuts(a, b)]
        points = [points[0], *inner[1:-1], points[-1]]
    return points


def _cuts(a: tuple[float, float], b: tuple[float, float]) -> Points:
    """Return the points a quarter and three quarters of the way from `a` to `b`."""
    quarter_x, quarter_y = (b[0] - a[0]) / 4, (b[1] - a[1]) / 4
    return [(a[0] + quarter_x, a[1] + quarter_y), (b[0] - quarter_x, b[1] - quarter_y)]


def flip(points: Points) -> Points:
    """Mirror points at the line x = 0, in reverse order, to close what they begin."""
    return [(-x, y) for x, y in reversed(points)]


def both(half: Points) -> Points:
    """Complete the right half of a symmetric outline, given from its top to its bottom."""
    return half + flip(half)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """Return the corners of a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def disc(x: float, y: float, radius: float) -> Points:
    """Return a round outline: a square whose corners are cut off."""
    return soft(box(x - radius, y - radius, x + radius, y + radius))


def chance(rng: Generator, probability: float) -> bool:
    """Return True with the given probability."""
    return bool(rng.random() < probability)


def cloth_tone(rng: Generator) -> float:
    """Draw the brightness of a fabric: mostly light, now and then dark."""
    return rng.uniform(0.7, 1.0) if chance(rng, 0.72) else rng.uniform(0.2, 0.7)


def trim_tone(rng: Generator, cloth: float) -> float:
    """Draw the brightness of something that has to stand out from a fabric."""
    return cloth * rng.uniform(0.2, 0.6) if cloth > 0.5 else cloth + rng.uniform(0.25, 0.6)
