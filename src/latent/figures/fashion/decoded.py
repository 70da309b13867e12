"""Images decoded from a grid of points in the latent space: figures 3-9 and 3-14."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.images import Images, show_image
from latent.figures.common.style import BOTTOM, MARGIN, TOP, WIDTH, page, panel, styled
from latent.figures.fashion.classes import Classes
from latent.figures.fashion.embeddings import TICKS
from latent.figures.fashion.points import Points, frame, name_axes, name_classes, scatter

SIDE = 780
TILE = 0.96  # width of an image, as a fraction of the smaller step of the grid
FADED = 0.75  # opacity of the images under the points

Coordinates = NDArray[np.float32]


def box_lines(z: Points, count: int) -> tuple[Coordinates, Coordinates]:
    """Return `count` evenly spaced coordinates per dimension, from the minimum to the maximum of z.

    Args:
        z: embeddings, (N, 2).
        count: number of coordinates, at least 2.
    """
    low, high = z.min(axis=0), z.max(axis=0)
    # If all embeddings have the same coordinate, the line has length 1 instead of 0.
    high = np.where(high > low, high, low + 1)
    x, y = np.linspace(low, high, count, dtype=np.float32, axis=1)
    return x, y


def p_line(count: int) -> Coordinates:
    """Return the midpoints of `count` equal parts of [0, 1]. Φ⁻¹ is finite at all of them."""
    return ((np.arange(count) + 0.5) / count).astype(np.float32)


def crossings(x: Coordinates, y: Coordinates) -> Coordinates:
    """Return the points of a grid, (len(y) · len(x), 2), row by row from the first y."""
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


@styled
def decoded_figure(
    images: Images,
    lines: tuple[Coordinates, Coordinates],
    points: Points,
    classes: Classes,
    *,
    axis: str,
    title: str,
    source: str,
) -> Figure:
    """Return the decoded images of a grid, each at its point, and a scatter plot on top of them.

    Args:
        images: uint8 (len(y) · len(x), H, W, C), in the order of `crossings`.
        lines: coordinates x and y of the grid, evenly spaced, in the coordinates of the figure.
        points: embeddings in the same coordinates, (N, 2).
        classes: classes of the N images.
        axis: label of both axes, with {} for 1 or 2.
        title: one short line.
        source: name of the data.
    """
    note = f"Dots: embeddings of {len(points):,} test images. {classes.note}".rstrip()
    figure, _ = page(TOP + SIDE + TICKS + BOTTOM, title, source, note)
    axes = panel(figure, MARGIN + TICKS, TOP, WIDTH - 2 * MARGIN - TICKS, SIDE)
    axes.grid(False)
    steps = [float(line[1] - line[0]) for line in lines]
    half = TILE * min(steps) / 2
    for image, (x, y) in zip(images, crossings(*lines), strict=True):
        show_image(axes, image, (x - half, x + half, y - half, y + half), FADED)
    scatter(axes, points, classes, over_images=True)
    edges = [[line[end] for line in lines] for end in (0, -1)]
    frame(axes, np.array(edges) + np.array([[-half], [half]]))
    name_axes(axes, axis)
    name_classes(axes, points, classes)
    return figure
