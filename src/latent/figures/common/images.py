"""Tables of images with labels, headings and captions."""

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

# Lengths are in units of the page.
COLUMNS = 10  # default number of images in a row
GAP = 6  # between images
WIDEST_GAP = 18  # maximum gap, in rows that do not fill the page
BREAK = 14  # additional gap before the columns in `ImageTable.breaks`
CAPTION = 20  # height of a line of captions
HEADING = 18  # height of the line of headings
LABEL = 100  # width of the column of labels
WHOLE_SCALE = 3  # from this enlargement on, it is rounded down to a whole number of file pixels
LARGEST = 96  # maximum width of an image

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Row:
    """A row of images.

    Attributes:
        images: uint8 (n, H, W, C), C being 1 or 3.
        label: text to the left of the row.
        captions: texts below the images: one per image, or none.
    """

    images: Images
    label: str = ""
    captions: Sequence[str] = ()


@dataclass(frozen=True)
class ImageTable:
    """Rows of images, one below the other. All images have the same shape.

    Lengths are in units of the page.

    Attributes:
        rows: at least one row. No row may have more images than the first.
        headings: texts above the columns: one per column, or none.
        breaks: indices of the columns with a wider gap before them.
        largest: maximum width of an image.
        left: left edge of the table.
        width: width of the table, labels included.
        label_width: width of the column of labels, if any row has a label.
        label_size: font size of the labels, in points.
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
        """Height of the table, in units of the page."""
        rows = sum(self._image_size[1] + _space_below(row) for row in self.rows)
        return HEADING * bool(self.headings) + rows - GAP

    def draw(self, canvas: Axes, top: float) -> None:
        """Draw the table on a page, with its upper edge at `top`."""
        width, height = self._image_size
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
            top = bottom + _space_below(row)

    @property
    def _columns(self) -> int:
        return len(self.rows[0].images)

    @property
    def _pitch(self) -> float:
        """Maximum width of a column, including the gap to the next one."""
        available = self.width - self._labels_width - BREAK * len(self.breaks)
        return (available + GAP) / self._columns

    @property
    def _labels_width(self) -> float:
        return self.label_width * any(row.label for row in self.rows)

    @property
    def _image_size(self) -> tuple[float, float]:
        """Width and height of an image. All pixels of a much enlarged image have the same size."""
        height, width = self.rows[0].images.shape[1:3]
        scale = max(1, min(self._pitch - GAP, self.largest)) * PIXELS_PER_UNIT / width
        if scale >= WHOLE_SCALE:
            scale = int(scale)
        return width * scale / PIXELS_PER_UNIT, height * scale / PIXELS_PER_UNIT

    def _lefts(self) -> list[float]:
        """Left edge of each column. Columns with captions are spread over the page."""
        width, _ = self._image_size
        spread = any(row.captions for row in self.rows)
        pitch = self._pitch if spread else min(self._pitch, width + WIDEST_GAP)
        start = self.left + self._labels_width + (pitch - GAP - width) / 2
        lefts = [
            start + column * pitch + BREAK * sum(at <= column for at in self.breaks)
            for column in range(self._columns)
        ]
        # Round to pixels of the file: all pixels of an enlarged image then have the same size.
        return [int(left * PIXELS_PER_UNIT) / PIXELS_PER_UNIT for left in lefts]


def _space_below(row: Row) -> float:
    return GAP + CAPTION * bool(row.captions)


def show_image(
    axes: Axes,
    image: Images,
    extent: tuple[float, float, float, float],
    alpha: float = 1,
    *,
    even: bool = False,
) -> None:
    """Draw an image on an axes. Greyscale images are dark on a light background, as in the book.

    Args:
        axes: the axes to draw on. Limits that are already set do not change.
        image: uint8 (H, W, C), C being 1 or 3.
        extent: left, right, bottom and top, in the coordinates of the axes.
        alpha: opacity, from 0 to 1.
        even: whether the enlargement is a whole number. The pixels are then not interpolated.
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
    """Return images as rows of `columns` images. The last row may be shorter."""
    return [
        Row(images[start : start + columns], captions=captions[start : start + columns])
        for start in range(0, len(images), columns)
    ]


@styled
def image_figure(table: ImageTable, title: str, source: str) -> Figure:
    """Return a page with a table of images.

    Args:
        table: the table.
        title: one short line.
        source: name of the data, for the footer.
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
    """Return a page with pairs of rows: original images above their reconstructions.

    Args:
        originals: uint8 (N, H, W, C).
        reconstructions: uint8 (N, H, W, C).
        title: one short line.
        source: name of the data, for the footer.
        captions: texts between the originals and their reconstructions: N, or none.
    """
    rows = []
    for start in range(0, len(originals), COLUMNS):
        part = slice(start, start + COLUMNS)
        rows.append(Row(originals[part], "original", captions[part]))
        rows.append(Row(reconstructions[part], "reconstruction"))
    return image_figure(ImageTable(rows), title, source)
