"""Images in rows and columns, with what is written around them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.style import (
    BOTTOM,
    MARGIN,
    MEDIUM,
    PIXELS_PER_UNIT,
    SMALL,
    TOP,
    WIDTH,
    page,
    styled,
)

COLUMNS = 10  # images in a row, unless a figure says otherwise
GAP = 6  # between images, in units of the page
WIDEST_GAP = 18  # between images that would else leave part of the page empty
BREAK = 14  # more, where a table breaks
CAPTION = 20  # height of a line of captions
HEADING = 18  # height of the line of headings
LABEL = 100  # width of the column of labels
EVEN = 3  # enlargement from which on it is a whole number of the file's pixels
LARGEST = 96  # side of an image, at most

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Row:
    """A row of images.

    Attributes:
        images: uint8 (n, H, W, C), C being 1 or 3.
        label: left of the row.
        captions: none, or one below each image.
    """

    images: Images
    label: str = ""
    captions: Sequence[str] = ()


@dataclass(frozen=True)
class ImageTable:
    """Rows of images, all of one shape, below each other.

    Attributes:
        rows: at least one, the first with at least as many images as any other.
        headings: none, or one above each column.
        breaks: numbers of the columns that a wider gap comes before.
        largest: side of an image, at most, in units of the page.
        left: edge of the table, in units of the page.
        width: of the table, with its labels.
        label_width: of the column of labels, where there are any.
        label_size: font size of the labels.
    """

    rows: Sequence[Row]
    headings: Sequence[str] = ()
    breaks: Sequence[int] = ()
    largest: float = LARGEST
    left: float = MARGIN
    width: float = WIDTH - 2 * MARGIN
    label_width: float = LABEL
    label_size: float = MEDIUM

    @property
    def height(self) -> float:
        """How much of the page the table takes."""
        rows = sum(self._side[1] + _below(row) for row in self.rows)
        return HEADING * bool(self.headings) + rows - GAP

    def draw(self, canvas: Axes, top: float) -> None:
        """Draw the table on a page, below `top`."""
        width, height = self._side
        even = width * PIXELS_PER_UNIT % self.rows[0].images.shape[2] == 0
        lefts = self._lefts()
        for left, heading in zip(lefts, self.headings, strict=False):
            canvas.text(left + width / 2, top, heading, ha="center", va="top", size=SMALL)
        top += HEADING * bool(self.headings)
        for row in self.rows:
            bottom = top + height
            middle = top + height / 2
            canvas.text(self.left, middle, row.label, va="center", size=self.label_size)
            for left, image in zip(lefts, row.images, strict=False):
                show_image(canvas, image, (left, left + width, bottom, top), even=even)
            for left, text in zip(lefts, row.captions, strict=False):
                canvas.text(left + width / 2, bottom + 4, text, ha="center", va="top", size=SMALL)
            top = bottom + _below(row)

    @property
    def _columns(self) -> int:
        return len(self.rows[0].images)

    @property
    def _pitch(self) -> float:
        """The widest that a column can be, with the gap behind it."""
        room = self.width - self._labels - BREAK * len(self.breaks)
        return (room + GAP) / self._columns

    @property
    def _labels(self) -> float:
        """The width that the labels take."""
        return self.label_width * any(row.label for row in self.rows)

    @property
    def _side(self) -> tuple[float, float]:
        """Width and height of an image; if it is much enlarged, all its pixels are as large."""
        height, width = self.rows[0].images.shape[1:3]
        scale = max(1, min(self._pitch - GAP, self.largest)) * PIXELS_PER_UNIT / width
        if scale >= EVEN:
            scale = int(scale)
        return width * scale / PIXELS_PER_UNIT, height * scale / PIXELS_PER_UNIT

    def _lefts(self) -> list[float]:
        """The left edge of each column; those with captions are spread over the page."""
        width, _ = self._side
        spread = any(row.captions for row in self.rows)
        pitch = self._pitch if spread else min(self._pitch, width + WIDEST_GAP)
        start = self.left + self._labels + (pitch - GAP - width) / 2
        lefts = [
            start + column * pitch + BREAK * sum(at <= column for at in self.breaks)
            for column in range(self._columns)
        ]
        # At a pixel of the file, so that the pixels of an enlarged image are all as large.
        return [int(left * PIXELS_PER_UNIT) / PIXELS_PER_UNIT for left in lefts]


def _below(row: Row) -> float:
    return GAP + CAPTION * bool(row.captions)


def show_image(
    axes: Axes,
    image: Images,
    extent: tuple[float, float, float, float],
    alpha: float = 1,
    *,
    even: bool = False,
) -> None:
    """Draw an image at left, right, bottom, top; grey ones dark on light, as in the book.

    Args:
        axes: limits that it was given stay.
        image: uint8 (H, W, C), C being 1 or 3.
        extent: in the coordinates of the axes.
        alpha: how opaque the image is.
        even: whether the image is enlarged by a whole number, so that nothing needs smoothing.
    """
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    axes.imshow(
        pixels,
        cmap="gray_r",
        vmin=0,
        vmax=255,
        alpha=alpha,
        extent=extent,
        aspect="auto",
        interpolation="nearest" if even else "auto",
        zorder=1,
    )


def wrap(images: Images, columns: int = COLUMNS, captions: Sequence[str] = ()) -> list[Row]:
    """Return images as rows of `columns`, the last one maybe shorter."""
    return [
        Row(images[start : start + columns], captions=captions[start : start + columns])
        for start in range(0, len(images), columns)
    ]


@styled
def image_figure(table: ImageTable, title: str, source: str) -> Figure:
    """Return a page with a table of images.

    Args:
        table: what to show.
        title: one short line.
        source: name of the data, in the footer.
    """
    figure, canvas = page(TOP + table.height + BOTTOM, title, source)
    table.draw(canvas, TOP)
    return figure


def reconstructions_figure(
    originals: Images,
    reconstructions: Images,
    title: str,
    source: str,
    captions: Sequence[str] = (),
) -> Figure:
    """Return pairs of rows, the originals above what a model makes of them.

    Args:
        originals: uint8 (N, H, W, C).
        reconstructions: the same shape.
        title: one short line.
        source: name of the data, in the footer.
        captions: none, or N, each between an original and its reconstruction.
    """
    rows = []
    for start in range(0, len(originals), COLUMNS):
        part = slice(start, start + COLUMNS)
        rows.append(Row(originals[part], "original", captions[part]))
        rows.append(Row(reconstructions[part], "reconstruction"))
    return image_figure(ImageTable(rows), title, source)
