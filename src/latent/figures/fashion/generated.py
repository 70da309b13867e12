"""Sampled points of the latent space and the images decoded from them: figures 3-8 and 3-13."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latent.figures.common.images import Images, ImageTable, wrap
from latent.figures.common.style import (
    ACCENT,
    BOTTOM,
    MARGIN,
    SMALL,
    TOP,
    WIDTH,
    page,
    panel,
    styled,
)
from latent.figures.fashion.embeddings import TICKS
from latent.figures.fashion.points import (
    Points,
    coordinates,
    first_two,
    frame,
    scatter,
    shown_dimensions,
)
from latent.figures.fashion.spread import spread

HEIGHT = 460
COLUMNS = 6
BADGE = 12.5  # diameter of the circle around a number, in points
LARGEST = 80  # maximum width of an image


@styled
def generated_figure(
    z: Points, generated: Points, images: Images, title: str, source: str
) -> Figure:
    """Return a scatter plot of embeddings and numbered sampled points, above the decoded images.

    Args:
        z: embeddings, (N, latent_dim).
        generated: sampled points, (M, latent_dim).
        images: images decoded from the sampled points, uint8 (M, H, W, C).
        title: one short line.
        source: name of the data.
    """
    captions = [f"{index}:  {coordinates(point)}" for index, point in enumerate(generated, start=1)]
    table = ImageTable(wrap(images, COLUMNS, captions), largest=LARGEST)
    body = TOP + HEIGHT + TICKS + MARGIN
    note = (
        f"Dots: embeddings of {len(z):,} test images{shown_dimensions(z.shape[1])}. "
        "Numbers: sampled points and the images decoded from them."
    )
    figure, canvas = page(body + table.height + BOTTOM, title, source, note)
    axes = panel(figure, MARGIN + TICKS, TOP, WIDTH - 2 * MARGIN - TICKS, HEIGHT)
    embedded, marked = first_two(z), first_two(generated)
    scatter(axes, embedded)
    frame(axes, np.concatenate([embedded, marked]))
    _mark(axes, marked)
    table.draw(canvas, body)
    return figure


def _mark(axes: Axes, points: Points) -> None:
    """Number points from 1. Numbers that would overlap are moved, and a line leads to the point."""
    wanted = axes.transData.transform(points)
    size = BADGE * axes.figure.dpi / 72
    placed = spread(wanted, [size] * len(points), size, axes.get_window_extent().extents)
    middles = axes.transData.inverted().transform(placed)
    axes.scatter(points[:, 0], points[:, 1], s=16, c=ACCENT, linewidths=0, zorder=3)
    for index, ((x, y), (badge_x, badge_y)) in enumerate(zip(points, middles, strict=True), 1):
        axes.plot([x, badge_x], [y, badge_y], color=ACCENT, linewidth=0.8, zorder=3)
        axes.text(
            badge_x,
            badge_y,
            str(index),
            size=SMALL,
            color=ACCENT,
            weight="bold",
            ha="center",
            va="center_baseline",
            zorder=5,
        )
    axes.scatter(
        middles[:, 0],
        middles[:, 1],
        s=BADGE**2,
        c="white",
        edgecolors=ACCENT,
        linewidths=1,
        zorder=4,
    )
