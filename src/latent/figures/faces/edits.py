"""Attribute edits and morphs of faces: figures 3-19 and 3-20."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.images import Images, ImageTable, Row, image_figure
from latent.figures.common.style import number

DIRECTION = "unit attribute vector"  # v̂ of `latent.latent_space.arithmetic.edit`
NAMED = 12  # maximum number of columns with headings that start with "α = "


def without_first(has: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the indices of up to `count` images, those without an attribute first.

    The effect of adding the attribute is most visible in these. If there are fewer than `count`,
    images with the attribute follow.

    Args:
        has: whether each image has the attribute, bool (N,).
        count: maximum number of images.
    """
    return np.argsort(has, kind="stable")[:count]


def edits_figure(
    originals: Images, edited: Sequence[Images], factors: Sequence[float], name: str, source: str
) -> Figure:
    """Return a page with a row per face: the original image, and the edited ones for each factor.

    Args:
        originals: uint8 (N, H, W, C).
        edited: decoded images of the N faces, uint8 (len(factors), H, W, C) each.
        factors: α of the columns.
        name: name of the attribute, with underscores instead of spaces.
        source: name of the data.
    """
    rows = [
        Row(np.concatenate([original[np.newaxis], images]))
        for original, images in zip(originals, edited, strict=True)
    ]
    headings = ["original", *alpha_headings(factors)]
    title = f"{name.replace('_', ' ')}: faces decoded from z + α · {DIRECTION}"
    return image_figure(ImageTable(rows, headings, breaks=[1]), title, source)


def morphs_figure(starts: Images, ends: Images, between: Sequence[Images], source: str) -> Figure:
    """Return a page with a row per pair of faces: image A, the decoded images, and image B.

    Args:
        starts: images A, uint8 (N, H, W, C).
        ends: images B, uint8 (N, H, W, C).
        between: decoded images of the N pairs, uint8 (steps, H, W, C) each, with α evenly spaced
            from 0 to 1.
        source: name of the data.
    """
    rows = [
        Row(np.concatenate([start[np.newaxis], images, end[np.newaxis]]))
        for start, images, end in zip(starts, between, ends, strict=True)
    ]
    steps = len(between[0])
    headings = ["image A", *alpha_headings(np.linspace(0, 1, steps).tolist()), "image B"]
    table = ImageTable(rows, headings, breaks=[1, steps + 1])
    title = "Morphs from image A to image B: faces decoded from (1 − α) · z_A + α · z_B"
    return image_figure(table, title, source)


def alpha_headings(alphas: Sequence[float]) -> list[str]:
    """Return the headings of columns that differ in α. They are shorter if there are many."""
    # As few digits as represent all values exactly, but no more than two.
    digits = next((d for d in (0, 1) if np.allclose(np.round(alphas, d), alphas)), 2)
    prefix = "α = " if len(alphas) <= NAMED else ""
    return [prefix + number(alpha, digits) for alpha in alphas]
