"""An image file of any kind to a square of RGB pixels.

JPEGs, which are nearly all of a data set, are decoded by libjpeg-turbo, at a half, a quarter or an
eighth of their size where that is still large enough. All other images, and the JPEGs that it has
no way to make into RGB (CMYK, for one), are decoded by Pillow. All are resized by Rust's
fast_image_resize, which does what Pillow does, to one shade, in a quarter of the time.
"""

import io
import re
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import simplejpeg
from cykooz_resizer import (
    CropBox,
    FilterType,
    ImageData,
    PixelType,
    ResizeAlg,
    ResizeOptions,
    Resizer,
)
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from latent.errors import InputError

Fit = Literal["stretch", "crop", "pad"]

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
IMAGE_KINDS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")  # how images' names end
LARGEST = 1 << 26  # pixels of an image: to decode one takes up to 16 bytes for each
JPEG_START, EXIF_START = b"\xff\xd8\xff", b"Exif\x00\x00"
EXIF_WITHIN = 1024  # bytes of a JPEG: EXIF comes first, or behind what little JFIF has to say
COLOURS = ("Gray", "RGB", "YCbCr")  # of JPEGs, which libjpeg-turbo makes into RGB
# What libjpeg-turbo may complain of where it has all that it needs.
HARMLESS = re.compile("extraneous bytes before marker|unknown JFIF revision|Adobe color transform")
# What the sides of a JPEG can be divided by in decoding; other fractions have no fast code.
SHRINKS = (8, 4, 2)
BACKGROUND = "white"  # behind pixels that are transparent

RESIZER = Resizer()

# What makes an image upright, by EXIF's code for how the camera was held.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Decoded(NamedTuple):
    """An image as it lies in its file.

    Attributes:
        source: RGB pixels; of Pillow's, RGBA where some are transparent.
        width: of what it shows, which ends within the last pixel where the shrinking left a rest.
        height: likewise.
        turn: what makes it upright, if anything need be done.
    """

    source: ImageData | Image.Image
    width: float
    height: float
    turn: Image.Transpose | None


def read_image(content: bytes, size: int, fit: Fit) -> NDArray[np.uint8]:
    """Decode an image, resize it to a square, bilinearly (example 3-15), and turn it upright.

    The filter widens as it shrinks an image, so fine patterns do not alias. What is transparent
    becomes white.

    Args:
        content: of a JPEG, PNG, WebP or BMP file; of an animation the first image counts.
        size: side of the square, in pixels.
        fit: "stretch" fits width and height each by itself, as the chapter does; "crop" takes the
            square in the middle; "pad" keeps all of the image, with black beside it.

    Returns:
        uint8 (size, size, 3).

    Raises:
        InputError: it cannot be decoded, or has more than 2²⁶ pixels; the message says why, and
            leaves it to the caller to say where.
    """
    decoded = _decode_jpeg(content, size) or _decode(content)
    square = _fit(decoded, size, fit)
    if decoded.turn is None:
        return square
    return np.asarray(Image.fromarray(square).transpose(decoded.turn))


def _decode_jpeg(content: bytes, size: int) -> Decoded | None:
    """Return a JPEG, shrunk as far as both sides keep `size` pixels; None leaves it to Pillow."""
    if not content.startswith(JPEG_START):
        return None
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(content)
    except ValueError:
        return None
    _check_pixels(width, height)
    if colours not in COLOURS:
        return None
    shrink = next((shrink for shrink in SHRINKS if min(width, height) >= shrink * size), 1)
    least = {"min_height": -(-height // shrink), "min_width": -(-width // shrink)}
    try:
        pixels = simplejpeg.decode_jpeg(content, "RGB", **least)
    except ValueError as error:
        # Pillow would take it, with grey or worse where data are missing.
        if not HARMLESS.search(str(error)):
            raise InputError(f"cannot be decoded: {error}") from None
        pixels = simplejpeg.decode_jpeg(content, "RGB", **least, strict=False)
    turn = None
    if content.find(EXIF_START, 0, EXIF_WITHIN) >= 0:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            turn = _find_turn(image)
    rows, columns, _ = pixels.shape
    source = ImageData(columns, rows, PixelType.U8x3, pixels.tobytes())
    return Decoded(source, width / shrink, height / shrink, turn)


def _decode(content: bytes) -> Decoded:
    if not content:
        raise InputError("is empty")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_pixels(*image.size)
            # First of all: to look for EXIF in a PNG loads it too, and a second time says nothing
            # of what is wrong.
            image.load()
            turn = _find_turn(image)
            # Without a copy of what may be large: the image outlives its file.
            coloured = _colour(image)
    except UnidentifiedImageError:
        raise InputError("is no JPEG, PNG, WebP or BMP image") from None
    except Image.DecompressionBombError:
        raise InputError(f"has more than {LARGEST:,} pixels") from None
    except (InputError, MemoryError):
        raise
    except Exception as error:
        # A damaged file can make a decoder raise anything.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"cannot be decoded: {reason}") from None
    return Decoded(coloured, *coloured.size, turn)


def _fit(decoded: Decoded, size: int, fit: Fit) -> NDArray[np.uint8]:
    box, (wide, high) = _place(decoded.width, decoded.height, size, fit)
    if isinstance(decoded.source, ImageData):
        pixels = ImageData(wide, high, PixelType.U8x3)
        RESIZER.resize(decoded.source, pixels, _bilinear(*box))
        fitted = np.frombuffer(pixels.get_buffer(), np.uint8).reshape(high, wide, 3)
    else:
        image = Image.new(decoded.source.mode, (wide, high))
        RESIZER.resize_pil(decoded.source, image, _bilinear(*box))
        if image.mode == "RGBA":
            canvas = Image.new("RGBA", image.size, BACKGROUND)
            canvas.alpha_composite(image)
            image = canvas.convert("RGB")
        fitted = np.asarray(image)
    if (wide, high) == (size, size):
        return fitted
    square = np.zeros((size, size, 3), np.uint8)
    left, top = (size - wide) // 2, (size - high) // 2
    square[top : top + high, left : left + wide] = fitted
    return square


@lru_cache(maxsize=64)
def _bilinear(left: float, top: float, width: float, height: float) -> ResizeOptions:
    """Return how to resize what lies in a box."""
    box = CropBox(left, top, width, height)
    return ResizeOptions(ResizeAlg.convolution(FilterType.bilinear), crop_box=box)


def _check_pixels(width: int, height: int) -> None:
    if width * height > LARGEST:
        raise InputError(f"has {width}×{height} pixels, at most {LARGEST:,} are allowed")


def _colour(image: Image.Image) -> Image.Image:
    """Decode an image to RGB, or to RGBA where pixels are transparent."""
    if image.mode.startswith("I"):
        # 16 bits, which Pillow would cut off at 255.
        grey = np.rint(np.asarray(image) / 257).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _find_turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # what is damaged here does no harm to the image itself
        return None


def _place(
    width: float, height: float, size: int, fit: Fit
) -> tuple[tuple[float, float, float, float], tuple[int, int]]:
    """Return which part of an image is seen (left, top, width, height), and its sides there."""
    if fit == "crop":
        side = min(width, height)
        return ((width - side) / 2, (height - side) / 2, side, side), (size, size)
    if fit == "pad":
        scale = size / max(width, height)
        sides = (max(1, round(width * scale)), max(1, round(height * scale)))
        return (0, 0, width, height), sides
    return (0, 0, width, height), (size, size)
