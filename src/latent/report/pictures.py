"""Pictures as parts of a page: data URIs, and lean."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from latent.errors import InputError

WIDEST = 1800  # pixels; a page shows them at half of that, and screens have two to the unit
QUALITY = 90  # of pictures with loss; text in them stays sharp
KINDS = {
    ".png": "image/png",
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class Picture:
    """A picture and the room that it takes.

    Attributes:
        uri: all of it, as a data: URI.
        width: in pixels.
        height: in pixels.
    """

    uri: str
    width: int
    height: int


def embed_picture(path: Path) -> Picture:
    """Return the picture in a file as a part of a page.

    A PNG wider than a page can show is made smaller, and becomes a WebP where that is leaner:
    without loss, as suits drawings, or at a quality at which photographs show none. Other kinds
    stay as they are, for they may move. Same file, same bytes.

    Raises:
        InputError: the file cannot be read, or is no picture.
    """
    kind = KINDS[path.suffix.lower()]
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            if kind != "image/png":
                return _picture(kind, content, image.size)
            fitted: Image.Image = image
            if image.width > WIDEST:
                height = max(1, round(image.height * WIDEST / image.width))
                # A palette holds no colours in between, and RGB no transparency.
                fitted = image.convert("RGBA").resize((WIDEST, height))
            lean = min((_webp(fitted, lossless) for lossless in (True, False)), key=len)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise InputError(f"{path}: is no picture that can be read: {error}") from None
    if fitted.size == image.size and len(content) <= len(lean):
        return _picture(kind, content, image.size)
    return _picture("image/webp", lean, fitted.size)


def _webp(image: Image.Image, lossless: bool) -> bytes:
    content = io.BytesIO()
    # Without loss, what is called quality is the effort: more of it, and of method, takes twice
    # the time to save a twelfth of the bytes.
    image.save(content, "WEBP", lossless=lossless, quality=20 if lossless else QUALITY, method=2)
    return content.getvalue()


def _picture(kind: str, content: bytes, size: tuple[int, int]) -> Picture:
    return Picture(f"data:{kind};base64,{base64.b64encode(content).decode()}", *size)
