"""What each latent dimension tells of an image."""

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

HEIGHT = 280
TICKS = 44  # room for an axis' ticks and name
ACTIVE = 0.01  # nats, from which on a dimension counts as used: less is noise of the training
NAMED = 30  # dimensions, at most, whose numbers stand below their bars
BAR = 0.8  # width of a bar, of the distance between two


@styled
def kl_figure(kl: NDArray[np.float64], images: int, source: str) -> Figure:
    """Return the KL divergence of each dimension as a bar, the largest first.

    Args:
        kl: nats, float64 (latent_dim,), finite and not negative.
        images: number of images that it is a mean over.
        source: name of the data.
    """
    order = np.argsort(-kl, kind="stable")
    active = int((kl > ACTIVE).sum())
    title = f"KL divergence of each latent dimension from N(0, 1), {kl.sum():.2f} nats in all"
    note = (
        f"Mean over {images:,} test images. Blue: more than {ACTIVE} nats, "
        f"{active:,} of {len(kl):,} dimensions."
    )
    figure, _ = page(TOP + HEIGHT + TICKS + BOTTOM, title, source, note)
    axes = panel(figure, MARGIN + TICKS, TOP, WIDTH - 2 * MARGIN - TICKS, HEIGHT)
    axes.grid(False, axis="x")
    heights = kl[order]
    colours = np.where(heights > ACTIVE, BLUE, PALE_GREY)
    places = np.arange(1, len(kl) + 1)
    axes.bar(places, heights, width=BAR, color=colours.tolist())
    # Some width for a single bar, some height for a space that says nothing.
    room = max(len(kl), 6) / 2 + BAR / 2
    middle = (len(kl) + 1) / 2
    axes.set_xlim(middle - room, middle + room)
    axes.set_ylim(0, max(heights[0] * 1.05, ACTIVE))
    if len(kl) <= NAMED:
        axes.set_xticks(places, labels=[str(dimension + 1) for dimension in order])
        axes.set_xlabel("latent dimension, sorted")
    else:
        axes.set_xlabel("latent dimensions, sorted")
    axes.set_ylabel("nats", rotation=0, ha="center", va="bottom")
    axes.yaxis.set_label_coords(0, 1.01)
    return figure
