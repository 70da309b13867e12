"""The task of a worker process: decode images of an archive into some rows of an array."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent.errors import InputError
from latent.preprocess.faces.members import Member, read_member
from latent.raw.image import Fit, read_image


@dataclass(frozen=True)
class Rows:
    """Consecutive rows of an array, and the members of the archive with their images.

    Attributes:
        array: NPY file of uint8 (N, size, size, 3).
        start: index of the first row.
        members: one element of `latent.preprocess.faces.members.MEMBERS` per row.
    """

    array: Path
    start: int
    members: NDArray[np.void]


def decode_rows(archive: Path, fit: Fit, rows: Rows) -> dict[int, str]:
    """Write images into their rows; return the reason for each row that cannot be written."""
    # A new memory map per task limits the mapped memory in use to the rows of one task.
    images = np.lib.format.open_memmap(rows.array, "r+")
    reasons: dict[int, str] = {}
    # Pillow warns about images that it can read nevertheless.
    with archive.open("rb") as file, warnings.catch_warnings(action="ignore"):
        for row, member in enumerate(rows.members.tolist(), rows.start):
            try:
                content = read_member(file.fileno(), Member(*member))
                images[row] = read_image(content, images.shape[1], fit)
            except InputError as error:
                reasons[row] = str(error)
    return reasons
