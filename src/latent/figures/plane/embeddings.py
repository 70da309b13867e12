"""Where the encoder puts the images: figures 3-2, 3-7 and 3-14."""

from matplotlib.figure import Figure

from latent.figures.normal import p_values
from latent.figures.plane.points import (
    Labels,
    Points,
    first_two,
    frame,
    name_axes,
    name_classes,
    scatter,
    shown_dimensions,
)
from latent.figures.style import BOTTOM, MARGIN, TOP, WIDTH, page, panel, styled

TICKS = 40  # room for an axis' ticks and name, in units of the page
HEIGHT = 620
SPACE = 36  # between the axes of a pair


@styled
def embeddings_figure(z: Points, labels: Labels | None, source: str) -> Figure:
    """Return a scatter of embeddings, black or coloured by label.

    Args:
        z: (N, latent_dim).
        labels: N numbers of classes, or None for black.
        source: name of the data.
    """
    what = "test images in the latent space" if labels is None else "test images by label"
    title = f"{len(z):,} {what}{shown_dimensions(z.shape[1])}"
    figure, _ = page(TOP + HEIGHT + TICKS + BOTTOM, title, source)
    axes = panel(figure, MARGIN + TICKS, TOP, WIDTH - 2 * MARGIN - TICKS, HEIGHT)
    points = first_two(z)
    scatter(axes, points, labels)
    frame(axes, points)
    if labels is not None:
        name_classes(axes, points, labels)
    return figure


@styled
def p_values_figure(z: Points, labels: Labels, source: str) -> Figure:
    """Return two scatters by label: the embeddings, and beside them their p-values Φ(z).

    If the embeddings of each dimension followed N(0, 1), the p-values would fill the unit square
    evenly.

    Args:
        z: (N, latent_dim).
        labels: N numbers of classes.
        source: name of the data.
    """
    side = (WIDTH - 2 * MARGIN - 2 * TICKS - SPACE) / 2
    title = f"{len(z):,} test images by label, and their p-values{shown_dimensions(z.shape[1])}"
    figure, _ = page(TOP + side + TICKS + BOTTOM, title, source)
    points = first_two(z)
    left = panel(figure, MARGIN + TICKS, TOP, side, side)
    scatter(left, points, labels)
    frame(left, points)
    name_classes(left, points, labels)
    right = panel(figure, WIDTH - MARGIN - side, TOP, side, side)
    p = p_values(points)
    scatter(right, p, labels)
    right.set_xlim(0, 1)
    right.set_ylim(0, 1)
    name_axes(right, "Φ(z{})")
    name_classes(right, p, labels)
    return figure
