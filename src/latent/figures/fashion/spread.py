"""Boxes of text that make room for each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ROUNDS = 200  # after which boxes that still find no room stay where they are
TOUCH = 0.01  # overlap, in pixels, that counts as none

Places = NDArray[np.float64]


def spread(
    middles: Places,
    widths: Sequence[float],
    height: float,
    bounds: tuple[float, float, float, float],
) -> Places:
    """Return where boxes go so that none covers another: as near as pushing up and down gets them.

    Args:
        middles: where they would best go, float64 (N, 2), in pixels.
        widths: of the N boxes.
        height: of each box.
        bounds: left, bottom, right and top of what all boxes stay inside.

    Returns:
        The middles of the boxes, float64 (N, 2).
    """
    half = np.stack([np.asarray(widths), np.full(len(widths), height)], axis=1) / 2
    low, high = np.array(bounds[:2]) + half, np.array(bounds[2:]) - half
    placed = np.clip(middles, low, high)
    for _ in range(ROUNDS):
        moved = False
        for a in range(len(placed)):
            for b in range(a):
                across, along = abs(placed[a] - placed[b])
                if across < (widths[a] + widths[b]) / 2 and along < height - TOUCH:
                    push = (height - along) / 2
                    push = push if placed[a, 1] >= placed[b, 1] else -push
                    placed[a, 1] += push
                    placed[b, 1] -= push
                    moved = True
        placed = np.clip(placed, low, high)
        if not moved:
            break
    return placed
