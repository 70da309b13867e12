"""Scatter plots of embeddings: figures 3-2, 3-7 and 3-14."""

from matplotlib.figure import Figure
from scipy.stats import norm

from latent.figures.common.style import BOTTOM, MARGIN, TOP, WIDTH, page, panel, styled
from latent.figures.fashion.classes import Classes
from latent.figures.fashion.points import (
    Points,
    first_two,
    frame,
    name_axes,
    name_classes,
    scatter,
    shown_dimensions,
)

# Lengths are in units of the page.
TICKS = 40  # space for the ticks and the label of an axis
HEIGHT = 620
SPACE = 36  # between the two panels of figure 3-14


@styled
def embeddings_figure(z: Points, classes: Classes | None, source: str) -> Figure:
    """Return a scatter plot of the autoencoder's embeddings, in one colour or coloured by class.

    Args:
        z: embeddings, (N, latent_dim).
        classes: classes of the N images, or None for a single colour.
        source: name of the data.
    """
    title = "Latent space of the autoencoder"
    note = f"{len(z):,} test images."
    if classes is not None:
        title += ", coloured by class"
        note = f"{note} {classes.note}".rstrip()
    title += shown_dimensions(z.shape[1])
    figure, _ = page(TOP + HEIGHT + TICKS + BOTTOM, title, source, note)
    axes = panel(figure, MARGIN + TICKS, TOP, WIDTH - 2 * MARGIN - TICKS, HEIGHT)
    points = first_two(z)
    scatter(axes, points, classes)
    frame(axes, points)
    if classes is not None:
        name_classes(axes, points, classes)
    return figure


@styled
def p_values_figure(z: Points, classes: Classes, source: str) -> Figure:
    """Return two scatter plots coloured by class: the embeddings and their p-values Φ(z).

    If the embeddings followed N(0, I), their p-values would be uniform in the unit square.

    Args:
        z: embeddings, (N, latent_dim).
        classes: classes of the N images.
        source: name of the data.
    """
    side = (WIDTH - 2 * MARGIN - 2 * TICKS - SPACE) / 2
    title = f"Embeddings and their p-values, coloured by class{shown_dimensions(z.shape[1])}"
    note = (
        f"{len(z):,} test images. Φ: cumulative distribution function of N(0, 1). {classes.note}"
    ).rstrip()
    figure, _ = page(TOP + side + TICKS + BOTTOM, title, source, note)
    points = first_two(z)
    left = panel(figure, MARGIN + TICKS, TOP, side, side)
    scatter(left, points, classes)
    frame(left, points)
    name_classes(left, points, classes)
    right = panel(figure, WIDTH - MARGIN - side, TOP, side, side)
    p = norm.cdf(points)
    scatter(right, p, classes)
    right.set_xlim(0, 1)
    right.set_ylim(0, 1)
    name_axes(right, "Φ(z{})")
    name_classes(right, p, classes)
    return figure
