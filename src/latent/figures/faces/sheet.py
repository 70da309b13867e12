"""An overview with one edited face per attribute, in addition to figure 3-19."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.images import Images, ImageTable, Row
from latent.figures.common.style import BOTTOM, MARGIN, SMALL, TOP, WIDTH, number, page, styled
from latent.figures.faces.edits import DIRECTION, alpha_headings

# Lengths are in units of the page.
COLUMNS = 2  # number of blocks side by side
BETWEEN = 24  # gap between the blocks
LABEL = 88  # width of an attribute's name
LETTERS = 13  # maximum number of characters in a line of a name
LARGEST = 48  # maximum width of an image
NOTE = 120  # maximum number of characters of the note


@dataclass(frozen=True)
class Edited:
    """A face and its edits along an attribute vector.

    Attributes:
        attribute: name of the attribute, with underscores instead of spaces.
        auc: area under the ROC curve of the vector on the test images, or NaN.
        original: uint8 (H, W, C).
        images: the images decoded for each α, uint8 (len(factors), H, W, C).
    """

    attribute: str
    auc: float
    original: Images
    images: Images


def choose_face(has: NDArray[np.bool_], turn: int) -> int:
    """Return the index of an image without an attribute, a different one for each turn.

    Args:
        has: whether each image has the attribute, bool (N,). If all have it, any image may be
            chosen.
        turn: number of images chosen before.
    """
    candidates = np.flatnonzero(~has) if not has.all() else np.arange(len(has))
    return int(candidates[turn % len(candidates)])


@styled
def sheet_figure(
    edited: Sequence[Edited], factors: Sequence[float], left_out: Sequence[str], source: str
) -> Figure:
    """Return a page with a row per attribute, in two blocks side by side.

    Args:
        edited: at least one edited face.
        factors: α of the images.
        left_out: names of the attributes without a vector.
        source: name of the data.
    """
    width = (WIDTH - 2 * MARGIN + BETWEEN) / COLUMNS - BETWEEN
    count = -(-len(edited) // COLUMNS)
    tables = [
        ImageTable(
            [_row(one) for one in edited[start : start + count]],
            ["original", *alpha_headings(factors)],
            breaks=[1],
            largest=LARGEST,
            left=MARGIN + block * (width + BETWEEN),
            width=width,
            label_width=LABEL,
            label_size=SMALL,
        )
        for block, start in enumerate(range(0, len(edited), count))
    ]
    title = f"Other attributes: faces decoded from z + α · {DIRECTION}"
    note = "AUC: how well the vector separates test images with and without the attribute."
    if left_out:
        note += f" Without a vector: {', '.join(map(_spaced, left_out))}."
    note = textwrap.shorten(note, NOTE, placeholder=" …")
    figure, canvas = page(TOP + tables[0].height + MARGIN + BOTTOM, title, source, note)
    for table in tables:
        table.draw(canvas, TOP)
    return figure


def _row(edited: Edited) -> Row:
    auc = "–" if np.isnan(edited.auc) else number(edited.auc, 2)
    name = textwrap.fill(_spaced(edited.attribute), LETTERS)
    images = np.concatenate([edited.original[np.newaxis], edited.images])
    return Row(images, f"{name}\nAUC {auc}")


def _spaced(attribute: str) -> str:
    return attribute.replace("_", " ")
