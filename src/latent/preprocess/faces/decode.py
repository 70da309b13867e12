"""Images of an archive into some rows of an array on disk: what each process does."""

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
    """Neighbouring rows of an array, and the members of the archive that they are to show.

    Attributes:
        array: npy file of uint8 (N, size, size, 3).
        start: the first of the rows.
        members: of `latent.preprocess.faces.members.MEMBERS`, one for each row.
    """

    array: Path
    start: int
    members: NDArray[np.void]


def decode_rows(archive: Path, fit: Fit, rows: Rows) -> dict[int, str]:
    """Write images into their rows; return why not, by row, for those that cannot be used."""
    # Mapped anew for each task, so that no more than its rows are ever held in memory.
    images = np.lib.format.open_memmap(rows.array, "r+")
    reasons: dict[int, str] = {}
    with archive.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow's, about files that it can read all the same
        for row, member in enumerate(rows.members.tolist(), rows.start):
            try:
                content = read_member(file.fileno(), Member(*member))
                images[row] = read_image(content, images.shape[1], fit)
            except InputError as error:
                reasons[row] = str(error)
    return reasons
