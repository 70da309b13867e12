"""A warning about images that are nearly black because their values were not scaled."""

import logging
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

WHITE = 255
DARK = WHITE // 8  # a dataset is dark if no value is above this one
CHUNK = 1024  # number of images that are read at a time


def warn_if_dark(origin: str, arrays: Iterable[NDArray[np.uint8]]) -> None:
    """Log a warning if all images of a dataset are nearly black.

    Args:
        origin: path of the images, for the message.
        arrays: the images, uint8 (N, H, W, C). Of a bright dataset, only the beginning is read.
    """
    highest = 0
    for images in arrays:
        for start in range(0, len(images), CHUNK):
            highest = max(highest, int(images[start : start + CHUNK].max(initial=0)))
            if highest > DARK:
                return
    log.warning(
        "%s: the images are nearly black: the highest value of all pixels is %s, white is %s. "
        "Values of 10 or 12 bits in files of 16 bits cause this, and values from 0 to 1 in files "
        "of 8 bits; scale them to the full range of the files",
        origin,
        highest,
        WHITE,
    )
