"""Where the encoder puts the images: figures 3-2, 3-7 and 3-14."""

from matplotlib.figure import Figure

from latent.figures.common.normal import p_values
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

TICKS = 40  # room for an axis' ticks and name, in units of the page
HEIGHT = 620
SPACE = 36  # between the axes of a pair


@styled
def embeddings_figure(z: Points, classes: Classes | None, source: str) -> Figure:
    """Return a scatter of embeddings, black or coloured by label.

    Args:
        z: (N, latent_dim).
        classes: of the N images, or None for black.
        source: name of the data.
    """
    what = "test images in the latent space" if classes is None else "test images by label"
    title = f"{len(z):,} {what}{shown_dimensions(z.shape[1])}"
    note = "" if classes is None else classes.note
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
    """Return two scatters by label: the embeddings, and beside them their p-values Φ(z).

    If the embeddings of each dimension followed N(0, 1), the p-values would fill the unit square
    evenly.

    Args:
        z: (N, latent_dim).
        classes: of the N images.
        source: name of the data.
    """
    side = (WIDTH - 2 * MARGIN - 2 * TICKS - SPACE) / 2
    title = f"{len(z):,} test images by label, and their p-values{shown_dimensions(z.shape[1])}"
    figure, _ = page(TOP + side + TICKS + BOTTOM, title, source, classes.note)
    points = first_two(z)
    left = panel(figure, MARGIN + TICKS, TOP, side, side)
    scatter(left, points, classes)
    frame(left, points)
    name_classes(left, points, classes)
    right = panel(figure, WIDTH - MARGIN - side, TOP, side, side)
    p = p_values(points)
    scatter(right, p, classes)
    right.set_xlim(0, 1)
    right.set_ylim(0, 1)
    name_axes(right, "Φ(z{})")
    name_classes(right, p, classes)
    return figure
