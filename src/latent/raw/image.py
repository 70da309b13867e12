"""Decodes an image file and resizes it to a square of RGB pixels.

Most images are JPEGs. These are decoded by libjpeg-turbo, at 1/2, 1/4 or 1/8 of their size if this
is still large enough. Pillow decodes all other formats, and JPEGs that libjpeg-turbo cannot convert
to RGB, such as CMYK. It also resizes all images.
"""

import io
import re
from typing import Literal, NamedTuple

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from latent.errors import InputError, describe

Fit = Literal["stretch", "crop", "pad"]

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
IMAGE_EXTENSIONS = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp")
MAX_PIXELS = 1 << 26  # per image: decoding takes up to 16 bytes per pixel
JPEG_START, EXIF_START = b"\xff\xd8\xff", b"Exif\x00\x00"
MAX_SEGMENT = 1 << 16  # bytes of a metadata segment of a JPEG
EXIF_WITHIN = 1024  # bytes from the start of a JPEG: EXIF is first or follows the short JFIF header
COLOUR_SPACES = ("Gray", "RGB", "YCbCr")  # of JPEGs that libjpeg-turbo converts to RGB
# Warnings of libjpeg-turbo about JPEGs that it decodes completely. More than a few bytes before a
# marker, or any before a restart marker (D0 to D7), are image data that it could not decode.
HARMLESS = re.compile(
    r"\b\d extraneous bytes before marker 0x(?!d[0-7])|unknown JFIF revision|Adobe color transform"
)
# Factors by which a JPEG is shrunk while it is decoded; other factors are slow.
SHRINK_FACTORS = (8, 4, 2)
BACKGROUND = "white"  # behind transparent pixels

# Transposition that turns an image upright, by EXIF orientation.
ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Decoded(NamedTuple):
    """A decoded image, not yet resized or turned upright.

    Attributes:
        image: RGB pixels; RGBA if there are transparent ones.
        width: exact width in pixels. It has a fraction if the width of a JPEG is not a multiple of
            the factor by which it was shrunk.
        height: exact height in pixels, likewise.
        orientation: transposition that turns the image upright, if any.
    """

    image: Image.Image
    width: float
    height: float
    orientation: Image.Transpose | None


def read_image(source: bytes | Image.Image, size: int, fit: Fit) -> NDArray[np.uint8]:
    """Decode an image, resize it bilinearly to a square (example 3-15) and turn it upright.

    Shrinking widens the filter, which prevents aliasing. Transparent pixels become white.

    Args:
        source: bytes of a JPEG, PNG, WebP or BMP file, or an image of Pillow. For an animation in a
            file, the first frame is used.
        size: side of the square in pixels.
        fit: "stretch" resizes width and height independently, as the chapter does; "crop" uses the
            largest square in the centre; "pad" keeps the whole image and its aspect ratio, and
            fills the rest with black.

    Returns:
        uint8 (size, size, 3).

    Raises:
        InputError: the image cannot be decoded or has more than 2²⁶ pixels. The message does not
            contain the name of the file.
    """
    decoded = _decode(source, size)
    square = _resize(decoded, size, fit)
    if decoded.orientation is None:
        return square
    return np.asarray(Image.fromarray(square).transpose(decoded.orientation))


def _decode(source: bytes | Image.Image, size: int) -> Decoded:
    if not source:
        raise InputError("empty file")
    try:
        if isinstance(source, Image.Image):
            return _load(source)
        return _decode_jpeg(source, size) or _decode_with_pillow(source)
    except UnidentifiedImageError:
        raise InputError("not a JPEG, PNG, WebP or BMP image") from None
    except Image.DecompressionBombError:
        raise InputError(f"more than {MAX_PIXELS:,} pixels") from None
    except (InputError, MemoryError):
        raise
    except Exception as error:
        # A damaged file can make a decoder raise any exception.
        raise InputError(f"cannot be decoded: {describe(error)}") from None


def _decode_jpeg(content: bytes, size: int) -> Decoded | None:
    """Decode a JPEG with libjpeg-turbo, or return None if Pillow has to decode it.

    The JPEG is shrunk by the largest factor for which both sides keep at least `size` pixels.
    """
    if not content.startswith(JPEG_START):
        return None
    try:
        height, width, colour_space, _ = simplejpeg.decode_jpeg_header(content)
    except ValueError:
        return None
    _check_pixels(width, height)
    if colour_space not in COLOUR_SPACES:
        return None
    shrink = next((factor for factor in SHRINK_FACTORS if min(width, height) >= factor * size), 1)
    least = {"min_height": -(-height // shrink), "min_width": -(-width // shrink)}
    try:
        pixels = simplejpeg.decode_jpeg(content, "RGB", **least)
    except ValueError as error:
        # Pillow would accept the image and fill missing data with grey or noise.
        if not HARMLESS.search(str(error)):
            raise InputError(f"cannot be decoded: {error}") from None
        pixels = simplejpeg.decode_jpeg(content, "RGB", **least, strict=False)
    orientation = _read_jpeg_orientation(content)
    return Decoded(Image.fromarray(pixels), width / shrink, height / shrink, orientation)


def _decode_with_pillow(content: bytes) -> Decoded:
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        # The pixels may be used after the file is closed, so they need not be copied.
        return _load(image)


def _load(image: Image.Image) -> Decoded:
    _check_pixels(*image.size)
    # Load first: reading EXIF from a PNG loads it too, and a second attempt to load a damaged PNG
    # raises an error without the reason.
    image.load()
    orientation = _read_orientation(image)
    return Decoded(_convert_to_rgb(image), *image.size, orientation)


def _resize(decoded: Decoded, size: int, fit: Fit) -> NDArray[np.uint8]:
    box, sides = _choose_box(decoded.width, decoded.height, size, fit)
    resized = decoded.image.resize(sides, Image.Resampling.BILINEAR, box)
    if resized.mode == "RGBA":
        canvas = Image.new("RGBA", sides, BACKGROUND)
        canvas.alpha_composite(resized)
        resized = canvas.convert("RGB")
    if sides == (size, size):
        return np.asarray(resized)
    square = Image.new("RGB", (size, size))
    square.paste(resized, ((size - sides[0]) // 2, (size - sides[1]) // 2))
    return np.asarray(square)


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InputError(f"{width}×{height} pixels; at most {MAX_PIXELS:,} are allowed")


def _convert_to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image to RGB, or to RGBA if it has transparent pixels."""
    if image.mode.startswith("I"):
        # Pillow would clip 16-bit values at 255 instead of scaling them.
        grey = np.rint(np.asarray(image) / 257).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _read_jpeg_orientation(content: bytes) -> Image.Transpose | None:
    start = content.find(EXIF_START, 0, EXIF_WITHIN)
    if start < 0:
        return None
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return _read_orientation(image)
    except Exception:
        # Another metadata segment is damaged, and Pillow rejects the file. Read EXIF alone.
        blank = Image.new("1", (1, 1))
        blank.info["exif"] = content[start : start + MAX_SEGMENT]
        return _read_orientation(blank)


def _read_orientation(image: Image.Image) -> Image.Transpose | None:
    try:
        return ORIENTATIONS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # the image can be used even if its EXIF data is damaged
        return None


def _choose_box(
    width: float, height: float, size: int, fit: Fit
) -> tuple[tuple[float, float, float, float], tuple[int, int]]:
    """Return the part of an image to use (left, top, right, bottom), and its new sides."""
    if fit == "crop":
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        return (left, top, left + side, top + side), (size, size)
    if fit == "pad":
        scale = size / max(width, height)
        sides = (max(1, round(width * scale)), max(1, round(height * scale)))
        return (0, 0, width, height), sides
    return (0, 0, width, height), (size, size)
