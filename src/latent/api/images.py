"""Images of any kind, prepared as the pipeline prepared the training images."""

import io
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from latent.api.provenance import TrainingData
from latent.errors import InputError, describe
from latent.preprocess.fashion import pad
from latent.raw.folder_or_zip import MAX_BYTES, printable
from latent.raw.grey import read_grey
from latent.raw.image import read_image

Pixels = NDArray[np.uint8]
# A path; the bytes of an image file; a PIL image; or pixels: uint8 (H, W) or (H, W, 1, 3 or 4).
ImageInput = str | Path | bytes | Image.Image | Pixels
Images = ImageInput | Iterable[ImageInput]

# Modes of PIL images whose values are colours or grey levels.
MODES = (
    *("1", "L", "LA", "I;16", "P", "PA"),
    *("RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"),
)
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height


def each_image(images: Images) -> Iterator[ImageInput]:
    """Yield the images, or the single image. An array (N, H, W, C) has N images."""
    if isinstance(images, (str, Path, bytes, Image.Image)) or (
        isinstance(images, np.ndarray) and images.ndim < 4
    ):
        yield images
    elif isinstance(images, Iterable):
        yield from images
    else:
        yield images  # `_open` names its type


def prepare_images(
    images: Sequence[ImageInput], first: int, data: TrainingData
) -> list[Pixels | InputError]:
    """Prepare images as the pipeline prepared the training images, in several threads.

    Args:
        images: the images. An array of the shape of a training image is returned as it is.
        first: number of the first image, by which errors name images that are not files.
        data: the training images.

    Returns:
        For each image, uint8 (H, W, C), or why it cannot be used.
    """
    names = [
        printable(image) if isinstance(image, (str, Path)) else f"image {number}"
        for number, image in enumerate(images, first)
    ]
    # Pillow reads a file when its image is used first. Two threads must not do it at once.
    locks = {id(image): Lock() for image in images}
    with (
        warnings.catch_warnings(action="ignore"),  # from Pillow, about images that it can read
        ThreadPoolExecutor() as pool,
    ):
        return list(pool.map(partial(_try_to_prepare, data, locks), names, images))


def _try_to_prepare(
    data: TrainingData, locks: Mapping[int, Lock], name: str, image: ImageInput
) -> Pixels | InputError:
    try:
        with locks[id(image)]:
            return _prepare(data, image)
    except InputError as error:
        return InputError(f"{name}: {error}")


def _prepare(data: TrainingData, image: ImageInput) -> Pixels:
    if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.shape == data.shape:
        return image
    source = _open(image)
    height, width, channels = data.shape
    if channels == 1:
        padding = data.preparation.padding
        grey = _read_grey(source, height - 2 * padding, width - 2 * padding)
        padded: Pixels = pad(grey[np.newaxis], padding)[0]
        return padded
    return read_image(source, height, data.preparation.fit)


def _read_grey(source: bytes | Image.Image, height: int, width: int) -> Pixels:
    """Decode an image and fit it into a rectangle. Only a user's IDX files are not square."""
    side = height
    if height != width:
        # The image fits into the rectangle if its longer side has this length.
        columns, rows = _find_size(source)
        side = max(1, round(max(columns, rows) * min(width / columns, height / rows)))
    square = Image.fromarray(read_grey(source, side))
    left, top = (side - width) // 2, (side - height) // 2
    # Outside of the square, the crop is black.
    return np.asarray(square.crop((left, top, left + width, top + height)))


def _find_size(source: bytes | Image.Image) -> tuple[int, int]:
    """Return the width and height of an image when it is upright, or 1, 1 if it is damaged."""
    try:
        image = Image.open(io.BytesIO(source)) if isinstance(source, bytes) else source
        is_sideways = image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
    except Exception:  # `latent.raw.image` explains the error
        return 1, 1
    return image.size[::-1] if is_sideways else image.size


def _open(image: ImageInput) -> bytes | Image.Image:
    """Return the bytes of a file, or a PIL image."""
    match image:
        case bytes():
            return image
        case str() | Path():
            return _read(image)
        case np.ndarray():
            return _from_array(image)
        case Image.Image():
            if image.mode not in MODES:
                raise InputError(f"has the mode {image.mode!r}; convert it to RGB or L")
            if 0 in image.size:
                raise InputError("contains no pixels")
            return image
    raise InputError(
        f"is of the type {type(image).__name__}; allowed are a path, the bytes of an image file, a "
        "PIL image and an array"
    )


def _read(image: str | Path) -> bytes:
    """Return the bytes of a file."""
    try:
        path = Path(os.path.expanduser(image))
        if path.is_dir():
            raise InputError("is a folder; an image file is needed")
        if path.exists() and not path.is_file():  # a read from a named pipe may block forever
            raise InputError("is not a regular file")
        if (size := path.stat().st_size) > MAX_BYTES:
            raise InputError(f"{size:,} bytes; at most {MAX_BYTES:,} are allowed")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {describe(error)}") from None


def _from_array(pixels: Pixels) -> Image.Image:
    """Return an array as a PIL image."""
    if pixels.dtype != np.uint8:
        raise InputError(f"has the type {pixels.dtype}; allowed is uint8, from 0 to 255")
    if not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (1, 3, 4))):
        raise InputError(f"has the shape {pixels.shape}; allowed are (H, W) and (H, W, 1, 3 or 4)")
    if not pixels.size:
        raise InputError(f"has the shape {pixels.shape}, which contains no pixels")
    return Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)
