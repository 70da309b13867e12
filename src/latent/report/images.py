"""Embed the images of figures into an HTML page as data URIs."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from latent.errors import InputError, describe

MAX_WIDTH = 1800  # pixels; twice the width on the page, for high-resolution screens
WEBP_QUALITY = 90  # of lossy WebP; text stays sharp at this quality
MIME_TYPES = {
    ".png": "image/png",
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class EmbeddedImage:
    """An image as a data URI, with its size.

    Attributes:
        uri: data: URI with the content of the image.
        width: width in pixels.
        height: height in pixels.
    """

    uri: str
    width: int
    height: int


def embed_image(path: Path) -> EmbeddedImage:
    """Return the image in a file as a data URI.

    A PNG wider than `MAX_WIDTH` is scaled down. A PNG becomes a lossless or lossy WebP, whichever
    is smaller, if this reduces its size. Files of other types are not changed, because they may be
    animations. The same file always gives the same bytes.

    Raises:
        InputError: the file cannot be read or is not an image.
    """
    mime_type = MIME_TYPES[path.suffix.lower()]
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            if mime_type != "image/png":
                return _data_uri(mime_type, content, image.size)
            scaled: Image.Image = image
            if image.width > MAX_WIDTH:
                height = max(1, round(image.height * MAX_WIDTH / image.width))
                # Interpolation needs a mode without a palette; RGBA also keeps transparency.
                scaled = image.convert("RGBA").resize((MAX_WIDTH, height))
            webp = min((_webp(scaled, lossless) for lossless in (True, False)), key=len)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise InputError(f"{path}: not a readable image: {describe(error)}") from None
    if scaled.size == image.size and len(content) <= len(webp):
        return _data_uri(mime_type, content, image.size)
    return _data_uri("image/webp", webp, scaled.size)


def _webp(image: Image.Image, lossless: bool) -> bytes:
    content = io.BytesIO()
    # For lossless WebP, `quality` is the compression effort. A higher effort and method take twice
    # as long and save a twelfth of the bytes.
    quality = 20 if lossless else WEBP_QUALITY
    image.save(content, "WEBP", lossless=lossless, quality=quality, method=2)
    return content.getvalue()


def _data_uri(mime_type: str, content: bytes, size: tuple[int, int]) -> EmbeddedImage:
    return EmbeddedImage(f"data:{mime_type};base64,{base64.b64encode(content).decode()}", *size)
