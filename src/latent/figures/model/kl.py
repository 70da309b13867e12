"""KL divergence of each latent dimension."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.style import (
    BLUE,
    BOTTOM,
    MARGIN,
    PALE_GREY,
    TOP,
    WIDTH,
    page,
    panel,
    styled,
)

HEIGHT = 280  # in units of the page
TICKS = 44  # space for the ticks and the label of an axis, in units of the page
INFORMATIVE = 0.01  # nats; lower values are noise of the training
NAMED = 30  # maximum number of dimensions with their numbers below the bars
BAR = 0.8  # width of a bar, as a fraction of the distance between two bars


@styled
def kl_figure(kl: NDArray[np.float64], images: int, source: str) -> Figure:
    """Return a bar chart of the KL divergence per dimension, in descending order.

    Args:
        kl: mean KL divergences in nats, float64 (latent_dim,), finite and not negative.
        images: number of images over which the mean is taken.
        source: name of the data.
    """
    order = np.argsort(-kl, kind="stable")
    informative = int((kl > INFORMATIVE).sum())
    title = f"KL divergence from N(0, 1) of each latent dimension: {kl.sum():.2f} nats in total"
    note = (
        f"Mean over {images:,} test images. Blue: more than {INFORMATIVE} nats "
        f"({informative:,} of {len(kl):,} dimensions)."
    )
    figure, _ = page(TOP + HEIGHT + TICKS + BOTTOM, title, source, note)
    axes = panel(figure, MARGIN + TICKS, TOP, WIDTH - 2 * MARGIN - TICKS, HEIGHT)
    axes.grid(False, axis="x")
    heights = kl[order]
    colours = np.where(heights > INFORMATIVE, BLUE, PALE_GREY)
    places = np.arange(1, len(kl) + 1)
    axes.bar(places, heights, width=BAR, color=colours.tolist())
    # Minimum limits, for few dimensions and for divergences of 0.
    room = max(len(kl), 6) / 2 + BAR / 2
    middle = (len(kl) + 1) / 2
    axes.set_xlim(middle - room, middle + room)
    axes.set_ylim(0, max(heights[0] * 1.05, INFORMATIVE))
    if len(kl) <= NAMED:
        axes.set_xticks(places, labels=[str(dimension + 1) for dimension in order])
        axes.set_xlabel("latent dimension, sorted")
    else:
        axes.set_xlabel("latent dimensions, sorted")
    axes.set_ylabel("nats", rotation=0, ha="center", va="bottom")
    axes.yaxis.set_label_coords(0, 1.01)
    return figure
