"""Pictures made of several images: sheets, strips and animations.

The pixels of the images are kept: they are enlarged by a whole number and not interpolated.
"""

import io
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Images = NDArray[np.uint8]

# Lengths in pixels.
WIDTH = 1280  # of a sheet, approximately
LARGEST, SMALLEST = 256, 64  # approximate limits of the side of an enlarged image
GAP = 4  # between images, and around the sheet
FONT_SIZE = 13
LINE = 17  # height of a line of text
PAPER, INK = "white", "#222222"

FRAME_SECONDS, END_SECONDS = 0.1, 0.8  # duration of a frame, and of the first and the last frame


def sheet(
    images: Images, columns: int, captions: Sequence[str] = (), title: str = ""
) -> Image.Image:
    """Return images in rows, enlarged by a whole number, with a caption below each.

    Args:
        images: uint8 (N, H, W, C), N > 0, C being 1 or 3.
        columns: images per row.
        captions: a text per image, or none. A text may have several lines. A line that is wider
            than its image is cut.
        title: one line above the images.
    """
    columns = min(columns, len(images))
    enlarged = enlarge(images, columns)
    height, width = enlarged.shape[1:3]
    lines = max((len(caption.splitlines()) for caption in captions), default=0)
    top = GAP + LINE * bool(title)
    pitch_x, pitch_y = width + GAP, height + GAP + LINE * lines
    rows = -(-len(images) // columns)
    page = Image.new("RGB", (columns * pitch_x + GAP, top + rows * pitch_y), PAPER)
    draw = ImageDraw.Draw(page)
    _write(draw, title, GAP, 1, page.width - 2 * GAP)
    for index, image in enumerate(enlarged):
        row, column = divmod(index, columns)
        left, upper = GAP + column * pitch_x, top + row * pitch_y
        page.paste(to_pil(image), (left, upper))
        for number, text in enumerate(captions[index].splitlines() if captions else ()):
            _write(draw, text, left, upper + height + number * LINE, width)
    return page


def enlarge(images: Images, columns: int) -> Images:
    """Return images with each pixel repeated, so that `columns` of them fill the width of a sheet.

    Args:
        images: uint8 (N, H, W, C).
        columns: images per row.
    """
    side = min(LARGEST, max(SMALLEST, WIDTH // columns))
    factor = max(1, side // max(images.shape[1:3]))
    return images.repeat(factor, axis=1).repeat(factor, axis=2)


def to_pil(image: Images) -> Image.Image:
    """Return an image, uint8 (H, W, C), C being 1 or 3, as a PIL image."""
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


def encode_png(image: Image.Image) -> bytes:
    """Return an image as the bytes of a PNG file. Equal images have equal bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def encode_gif(images: Images) -> bytes:
    """Return images as the bytes of an animated GIF that loops. Equal images have equal bytes.

    The first and the last image are shown longer. Each image has its own palette of 256 colours.

    Args:
        images: uint8 (N, H, W, C), N > 0, C being 1 or 3.
    """
    frames = [to_pil(image).convert("RGB").quantize() for image in enlarge(images, 1)]
    durations = [round(1000 * FRAME_SECONDS)] * len(frames)
    durations[0] = durations[-1] = round(1000 * END_SECONDS)
    buffer = io.BytesIO()
    first, *others = frames
    first.save(
        buffer, "GIF", save_all=True, append_images=others, duration=durations, loop=0, disposal=1
    )
    return buffer.getvalue()


def _write(draw: ImageDraw.ImageDraw, text: str, left: int, top: int, width: int) -> None:
    """Write one line of text, cut to a width."""
    end = len(text)
    while end and draw.textlength(_cut(text, end), _font()) > width:
        end -= 1
    draw.text((left, top), _cut(text, end), INK, _font())


def _cut(text: str, end: int) -> str:
    return text if end == len(text) else text[:end].rstrip() + "…"


@cache
def _font() -> ImageFont.FreeTypeFont:
    """Return the font of the project's figures, which Matplotlib contains."""
    package = find_spec("matplotlib")
    assert package is not None and package.origin is not None
    path = Path(package.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf"
    # The basic layout gives the same text on all machines: Raqm is not installed everywhere.
    return ImageFont.truetype(path, FONT_SIZE, layout_engine=ImageFont.Layout.BASIC)
