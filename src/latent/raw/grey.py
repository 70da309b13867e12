"""Decodes an image as a square of grey pixels."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from latent.raw.image import read_image


def read_grey(source: bytes | Image.Image, size: int) -> NDArray[np.uint8]:
    """Decode an image, turn it upright, convert it to greyscale and fit it into a square.

    The longer side becomes `size` pixels, and the aspect ratio is kept. The rest of the square is
    black, as in Fashion-MNIST (Xiao, Rasul & Vollgraf, arXiv:1708.07747, section 2).

    Args:
        source: bytes of the file, or an image of Pillow.
        size: side of the square in pixels.

    Returns:
        uint8 (size, size).

    Raises:
        InputError: the image cannot be decoded (`latent.raw.image`).
    """
    return np.asarray(Image.fromarray(read_image(source, size, "pad")).convert("L"))
