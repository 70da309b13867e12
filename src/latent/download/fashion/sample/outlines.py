"""Outlines for the parts of garments.

A garment is a list of parts that are painted in order. The x axis points to the right, the y axis
points down, and the unit is arbitrary: `draw` scales the garment to the image. Curves are made by
cutting corners, without trigonometric functions, so that all machines produce the same bytes.
"""

from itertools import pairwise
from typing import NamedTuple

from numpy.random import Generator

Points = list[tuple[float, float]]


class Part(NamedTuple):
    """A filled outline or a line.

    Attributes:
        points: Corners of the outline, or points of the line.
        tone: Brightness, from 0 (the background) to 1. Greater values are painted as 1.
        width: Width of the line, or 0 for a filled outline.
    """

    points: Points
    tone: float
    width: float = 0.0


def soft(points: Points, rounds: int = 2) -> Points:
    """Round a closed outline by cutting off each corner, `rounds` times."""
    for _ in range(rounds):
        following = points[1:] + points[:1]
        points = [cut for a, b in zip(points, following, strict=True) for cut in _cuts(a, b)]
    return points


def bend(points: Points, rounds: int = 2) -> Points:
    """Round an open line by cutting off each corner, `rounds` times. Its ends do not move."""
    for _ in range(rounds):
        inner = [cut for a, b in pairwise(points) for cut in _cuts(a, b)]
        points = [points[0], *inner[1:-1], points[-1]]
    return points


def _cuts(a: tuple[float, float], b: tuple[float, float]) -> Points:
    """Return the points at one quarter and three quarters of the line from `a` to `b`."""
    quarter_x, quarter_y = (b[0] - a[0]) / 4, (b[1] - a[1]) / 4
    return [(a[0] + quarter_x, a[1] + quarter_y), (b[0] - quarter_x, b[1] - quarter_y)]


def flip(points: Points) -> Points:
    """Mirror points at the line x = 0 and reverse their order."""
    return [(-x, y) for x, y in reversed(points)]


def both(half: Points) -> Points:
    """Return a symmetric outline from its right half, which runs from top to bottom."""
    return half + flip(half)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """Return the corners of a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def disc(x: float, y: float, radius: float) -> Points:
    """Return an approximately round outline: a square with its corners cut off."""
    return soft(box(x - radius, y - radius, x + radius, y + radius))


def chance(rng: Generator, probability: float) -> bool:
    """Return True with the given probability."""
    return bool(rng.random() < probability)


def cloth_tone(rng: Generator) -> float:
    """Sample the brightness of a fabric, which is usually light."""
    return rng.uniform(0.7, 1.0) if chance(rng, 0.72) else rng.uniform(0.2, 0.7)


def trim_tone(rng: Generator, cloth: float) -> float:
    """Sample a brightness that contrasts with that of the fabric, `cloth`."""
    return cloth * rng.uniform(0.2, 0.6) if cloth > 0.5 else cloth + rng.uniform(0.25, 0.6)
