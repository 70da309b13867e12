"""One edited face for each attribute that has no figure of its own: figure 3-19, continued."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.images import Images, ImageTable, Row
from latent.figures.common.style import BOTTOM, MARGIN, SMALL, TOP, WIDTH, number, page, styled
from latent.figures.faces.edits import alpha_headings

COLUMNS = 2  # of blocks
BETWEEN = 24  # the blocks
LABEL = 88  # width of an attribute's name
LETTERS = 13  # of a name, in a line
LARGEST = 48  # side of a face
NOTE = 120  # letters of the note on what is left out


@dataclass(frozen=True)
class Edited:
    """A face on its way along the direction of an attribute.

    Attributes:
        attribute: its name, with an underscore for each space.
        auc: how well the direction orders test images, 0.5 to 1, or NaN.
        original: uint8 (H, W, C).
        images: the face decoded at each α, uint8 (len(factors), H, W, C).
    """

    attribute: str
    auc: float
    original: Images
    images: Images


def choose_face(has: NDArray[np.bool_], turn: int) -> int:
    """Return the number of an image without an attribute, another one at each turn.

    Args:
        has: N booleans, whether an image has the attribute; if all have it, any image will do.
        turn: counts the attributes.
    """
    candidates = np.flatnonzero(~has) if not has.all() else np.arange(len(has))
    return int(candidates[turn % len(candidates)])


@styled
def sheet_figure(
    edited: Sequence[Edited], factors: Sequence[float], left_out: Sequence[str], source: str
) -> Figure:
    """Return a row per attribute, in two columns of rows.

    Args:
        edited: at least one.
        factors: α of the images.
        left_out: names of attributes that have no direction.
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
    title = "Other attributes: faces decoded at z + α · direction"
    note = "AUC: how well a direction tells test images with its attribute from others."
    if left_out:
        note = f"No image or every image: {', '.join(map(_spaced, left_out))}. {note}"
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
