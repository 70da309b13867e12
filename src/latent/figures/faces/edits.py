"""Faces on their way along a direction, or to another face: figures 3-19 and 3-20."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.images import Images, ImageTable, Row, image_figure
from latent.figures.common.style import number

NAMED = 12  # columns in which there is room to name α


def without_first(has: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the numbers of up to `count` images, those without an attribute first.

    Adding it to them shows the most. Where there are too few of them, images with it follow.

    Args:
        has: N booleans, whether an image has the attribute.
        count: how many.
    """
    return np.argsort(has, kind="stable")[:count]


def edits_figure(
    originals: Images, edited: Sequence[Images], factors: Sequence[float], name: str, source: str
) -> Figure:
    """Return a row per face: the original, then the face at each factor along the direction.

    Args:
        originals: uint8 (N, H, W, C).
        edited: N times uint8 (len(factors), H, W, C).
        factors: α of the columns.
        name: of the attribute, with an underscore for each space.
        source: name of the data.
    """
    rows = [
        Row(np.concatenate([original[np.newaxis], images]))
        for original, images in zip(originals, edited, strict=True)
    ]
    headings = ["original", *alpha_headings(factors)]
    title = f"{name.replace('_', ' ')}: faces decoded at z + α · direction"
    return image_figure(ImageTable(rows, headings, breaks=[1]), title, source)


def morphs_figure(starts: Images, ends: Images, between: Sequence[Images], source: str) -> Figure:
    """Return a row per pair of faces: one, what lies between them, and the other.

    Args:
        starts: uint8 (N, H, W, C).
        ends: the same shape.
        between: N times the decoded faces, α evenly spaced from 0 to 1, uint8 (steps, H, W, C).
        source: name of the data.
    """
    rows = [
        Row(np.concatenate([start[np.newaxis], images, end[np.newaxis]]))
        for start, images, end in zip(starts, between, ends, strict=True)
    ]
    steps = len(between[0])
    headings = ["image A", *alpha_headings(np.linspace(0, 1, steps).tolist()), "image B"]
    table = ImageTable(rows, headings, breaks=[1, steps + 1])
    return image_figure(table, "From face A to face B: decoded at (1 − α) · A + α · B", source)


def alpha_headings(alphas: Sequence[float]) -> list[str]:
    """Return what to write above columns that differ in α, short where there are many."""
    # As few digits as tell what the values are, but no more than two.
    digits = next((d for d in (0, 1) if np.allclose(np.round(alphas, d), alphas)), 2)
    before = "α = " if len(alphas) <= NAMED else ""
    return [before + number(alpha, digits) for alpha in alphas]
