"""Placement of text boxes without overlaps."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ROUNDS = 200  # maximum number of iterations; boxes that still overlap then stay
TOUCH = 0.01  # overlap, in pixels, that is ignored

Places = NDArray[np.float64]


def spread(
    middles: Places,
    widths: Sequence[float],
    height: float,
    bounds: tuple[float, float, float, float],
) -> Places:
    """Move boxes up and down until none overlaps another, and return their new centres.

    The boxes stay close to their preferred centres. If there is no room for all of them, some
    overlap. All lengths are in pixels.

    Args:
        middles: preferred centres of the boxes, float64 (N, 2).
        widths: widths of the N boxes.
        height: height of each box.
        bounds: left, bottom, right and top of the area that contains all boxes.

    Returns:
        The centres of the boxes, float64 (N, 2).
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
