"""Scatter plots of points of a latent space, with labels of their classes."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from latent.figures.common.style import INK, POINT, SMALL, number
from latent.figures.fashion.classes import Classes
from latent.figures.fashion.spread import spread

Points = NDArray[np.floating]

DIMENSIONS = 2  # number of latent dimensions that a scatter plot shows
SUBSCRIPTS = "₁₂"
PADDING = 0.04  # around the points, as a fraction of their range
LABEL_HEIGHT = 1.9  # height of a class label and its box, in font sizes
LETTER_WIDTH = 0.62  # average width of a letter, in font sizes


def first_two(z: Points) -> Points:
    """Return the first two dimensions of z, (N, 2). A missing second dimension is 0."""
    missing = max(0, DIMENSIONS - z.shape[1])
    return np.pad(z[:, :DIMENSIONS], ((0, 0), (0, missing)))


def coordinates(point: Points) -> str:
    """Return the first two coordinates of a point as text, and "…" if it has more."""
    elements = [number(value, 1) for value in point[:DIMENSIONS]]
    return f"({', '.join([*elements, '…'][: min(len(point), DIMENSIONS + 1)])})"


def shown_dimensions(latent_dim: int) -> str:
    """Return the end of a title that names the dimensions shown, or "" if all are shown."""
    return f", dimensions 1 and 2 of {latent_dim}" if latent_dim > DIMENSIONS else ""


def scatter(
    axes: Axes, points: Points, classes: Classes | None = None, *, over_images: bool = False
) -> None:
    """Draw a scatter plot of points.

    Args:
        axes: the axes to draw on.
        points: (N, 2).
        classes: classes of the N points, which determine their colours.
        over_images: whether the points are drawn on images and need an outline.
    """
    x, y = points.T
    axes.scatter(
        x,
        y,
        s=7 if over_images else 5,
        c=POINT if classes is None else np.asarray(classes.colours)[classes.labels],
        alpha=0.9 if over_images else 0.6,
        linewidths=0.3 if over_images else 0,
        edgecolors="white",
        zorder=2,
    )


def frame(axes: Axes, points: Points) -> None:
    """Set limits that include all points, with equal scales, and label the axes z₁ and z₂."""
    low, high = points.min(axis=0), points.max(axis=0)
    box = axes.get_window_extent()
    size = np.array([box.width, box.height])
    # Units of the latent space per pixel. If all points are equal, the longer axis has length 1.
    span = ((high - low) * (1 + 2 * PADDING) / size).max() or 1 / size.max()
    middle = (low + high) / 2
    axes.set_xlim(*(middle[0] + np.array([-0.5, 0.5]) * span * size[0]))
    axes.set_ylim(*(middle[1] + np.array([-0.5, 0.5]) * span * size[1]))
    name_axes(axes, "z{}")


def name_axes(axes: Axes, name: str) -> None:
    """Label both axes with `name`, in which a subscript 1 or 2 replaces each {}."""
    axes.set_xlabel(name.replace("{}", SUBSCRIPTS[0]))
    axes.set_ylabel(name.replace("{}", SUBSCRIPTS[1]), rotation=0, ha="center", va="bottom")
    # Above the axis: to the left of it, wide tick labels could push the label off the page.
    axes.yaxis.set_label_coords(0, 1.01)


def name_classes(axes: Axes, points: Points, classes: Classes) -> None:
    """Write the label of each class at the median of its points, framed in its colour.

    Labels that would overlap are moved apart. The limits of the axes must be set before.
    """
    named = classes.named
    medians = np.array([np.median(points[classes.labels == label], axis=0) for label in named])
    names = [classes.short_name(label) for label in named]
    pixel = SMALL * axes.figure.dpi / 72
    widths = [pixel * (1 + LETTER_WIDTH * len(name)) for name in names]
    wanted = axes.transData.transform(medians)
    placed = spread(wanted, widths, pixel * LABEL_HEIGHT, axes.get_window_extent().extents)
    at = axes.transData.inverted().transform(placed)
    for (x, y), name, label in zip(at, names, named, strict=True):
        axes.text(
            x,
            y,
            name,
            size=SMALL,
            color=INK,
            ha="center",
            va="center",
            zorder=4,
            bbox={
                "boxstyle": "round,pad=0.25",
                "facecolor": (1, 1, 1, 0.85),
                "edgecolor": classes.colours[label],
                "linewidth": 1.5,
            },
        )
