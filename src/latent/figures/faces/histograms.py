"""How each dimension of the latent space is distributed: figure 3-17."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.normal import density
from latent.figures.common.style import (
    ACCENT,
    BOTTOM,
    INK,
    MARGIN,
    PALE_BLUE,
    PALE_ORANGE,
    SMALL,
    TOP,
    WIDTH,
    number,
    page,
    panel,
    styled,
)

COLUMNS = 10
HEIGHT = 60  # of a histogram, in units of the page
TEXT = 26  # height of the two lines above it
GAP = 10  # between histograms
TICKS = 22  # room for the ticks' labels, below the last histogram of a column
REACH = 4  # standard deviations on each side
BINS = 24
HIGHEST = 0.48  # density at the top, where higher bars end; that of N(0, 1) is 0.4 at most
# Far from N(0, 1): by more than sampling or a KL term that pulls as it should would explain.
FAR_MEAN = 0.25  # |μ| above this
NEAR_STD = (0.75, 1.25)  # σ outside of these


def far_from_normal(z: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say of each dimension of z, (N, D), whether its mean or deviation is far from N(0, 1)'s."""
    low, high = NEAR_STD
    mean, std = z.mean(axis=0, dtype=np.float64), z.std(axis=0, dtype=np.float64)
    far: NDArray[np.bool_] = (abs(mean) > FAR_MEAN) | (std < low) | (std > high)
    return far


@styled
def histograms_figure(z: NDArray[np.float32], source: str) -> Figure:
    """Return a histogram of each dimension of z, (N, D), with the curve of N(0, 1), on shared axes.

    Each has its mean and standard deviation; those that are far from N(0, 1) are marked.

    Args:
        z: points drawn from the images' distributions, the dimensions to show only.
        source: name of the data.
    """
    dimensions = z.shape[1]
    rows = -(-dimensions // COLUMNS)
    pitch = TEXT + HEIGHT + GAP
    height = rows * pitch - GAP + TICKS
    title = f"z of {len(z):,} test images, dimension by dimension, and N(0, 1)"
    far = far_from_normal(z)
    note = (
        f"μ, σ: mean, standard deviation. Orange: |μ| > {FAR_MEAN} or σ outside "
        f"{NEAR_STD[0]} to {NEAR_STD[1]}, {far.sum()} of {dimensions} dimensions."
    )
    figure, _ = page(TOP + height + BOTTOM, title, source, note)
    width = (WIDTH - 2 * MARGIN + GAP) / COLUMNS - GAP
    edges = np.linspace(-REACH, REACH, BINS + 1)
    curve = np.linspace(-REACH, REACH, 101)
    normal = density(curve)
    for dimension in range(dimensions):
        row, column = divmod(dimension, COLUMNS)
        left = MARGIN + column * (width + GAP)
        axes = panel(figure, left, TOP + row * pitch + TEXT, width, HEIGHT)
        axes.grid(False)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        lowest = dimension + COLUMNS >= dimensions
        axes.set_xticks([-2, 0, 2], labels=["−2", "0", "2"] if lowest else [])
        axes.set_xlim(-REACH, REACH)
        axes.set_ylim(0, HIGHEST)
        # Of all points, those out of the axes too, so that areas compare with the curve's.
        counts, _ = np.histogram(z[:, dimension], edges)
        colour = PALE_ORANGE if far[dimension] else PALE_BLUE
        axes.stairs(counts / len(z) / np.diff(edges), edges, fill=True, color=colour)
        axes.plot(curve, normal, color=ACCENT, linewidth=1)
        mean, std = z[:, dimension].mean(), z[:, dimension].std()
        moments = f"μ {number(mean, 2)}\nσ {number(std, 2)}"
        ink = ACCENT if far[dimension] else INK
        style: dict[str, Any] = {"va": "top", "size": SMALL, "color": ink}
        top = 1 + TEXT / HEIGHT
        axes.text(0, top, str(dimension + 1), transform=axes.transAxes, **style)
        axes.text(1, top, moments, ha="right", transform=axes.transAxes, **style)
    return figure
