"""Histograms of the latent dimensions: figure 3-17."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import norm

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

# Lengths are in units of the page.
COLUMNS = 10
HEIGHT = 60  # height of a histogram
TEXT = 26  # height of the two lines of text above a histogram
GAP = 10  # between histograms
TICKS = 22  # space for the tick labels, below the last histogram of a column
Z_MAX = 4  # the histograms are drawn from −Z_MAX to Z_MAX
BINS = 24
DENSITY_MAX = 0.48  # upper limit of the density, at which higher bars are cut off; N(0, 1): 0.4
# Dimensions beyond these limits are far from N(0, 1). Neither sampling noise nor an effective KL
# term explains such deviations.
FAR_MEAN = 0.25  # maximum of |μ|
NEAR_STD = (0.75, 1.25)  # minimum and maximum of σ


def far_from_normal(z: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which dimensions of z, (N, D), have a mean or deviation far from that of N(0, 1)."""
    low, high = NEAR_STD
    mean, std = z.mean(axis=0, dtype=np.float64), z.std(axis=0, dtype=np.float64)
    far: NDArray[np.bool_] = (abs(mean) > FAR_MEAN) | (std < low) | (std > high)
    return far


@styled
def histograms_figure(z: NDArray[np.float32], source: str) -> Figure:
    """Return a histogram of each dimension of z with the density of N(0, 1), on equal axes.

    The mean and the standard deviation are above each histogram. Dimensions far from N(0, 1) are
    highlighted.

    Args:
        z: points sampled from the posteriors of N images, float32 (N, D), where D is the number of
            dimensions to show.
        source: name of the data.
    """
    dimensions = z.shape[1]
    rows = -(-dimensions // COLUMNS)
    pitch = TEXT + HEIGHT + GAP
    height = rows * pitch - GAP + TICKS
    title = f"Distribution of z over {len(z):,} test images, per latent dimension"
    far = far_from_normal(z)
    note = (
        f"Curve: N(0, 1). μ, σ: mean and standard deviation. Orange: |μ| > {FAR_MEAN} or σ outside "
        f"{NEAR_STD[0]} to {NEAR_STD[1]} ({far.sum()} of {dimensions} dimensions)."
    )
    figure, _ = page(TOP + height + BOTTOM, title, source, note)
    width = (WIDTH - 2 * MARGIN + GAP) / COLUMNS - GAP
    edges = np.linspace(-Z_MAX, Z_MAX, BINS + 1)
    curve = np.linspace(-Z_MAX, Z_MAX, 101)
    normal = norm.pdf(curve)
    for dimension in range(dimensions):
        row, column = divmod(dimension, COLUMNS)
        left = MARGIN + column * (width + GAP)
        axes = panel(figure, left, TOP + row * pitch + TEXT, width, HEIGHT)
        axes.grid(False)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        lowest = dimension + COLUMNS >= dimensions
        axes.set_xticks([-2, 0, 2], labels=["−2", "0", "2"] if lowest else [])
        axes.set_xlim(-Z_MAX, Z_MAX)
        axes.set_ylim(0, DENSITY_MAX)
        # Divide by the number of all points, including those outside of the axes. The areas can
        # then be compared with the area under the curve.
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
