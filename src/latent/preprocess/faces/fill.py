"""Decoding of images of an archive into arrays on disk, in several processes."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from latent.errors import InputError, describe
from latent.preprocess.faces.decode import Rows, decode_rows
from latent.raw.folder_or_zip import printable
from latent.raw.image import Fit
from latent.raw.parallel import count_cores, run_parallel

# Limits of a task. Small tasks keep the progress bar moving and use little memory.
IMAGES = 256
BYTES = 1 << 21  # of compressed image files
PIXELS = 1 << 22  # in the array
# Decoding this many bytes takes about as long as starting a process.
BYTES_PER_PROCESS = 1 << 22


def split_rows(array: Path, members: NDArray[np.void], size: int) -> Iterator[Rows]:
    """Yield all rows of an array in tasks of similar effort. No result depends on the division.

    Args:
        array: NPY file of uint8 (N, size, size, 3).
        members: one element of `latent.preprocess.faces.members.MEMBERS` per row.
        size: side of the images in pixels.
    """
    rows = max(1, min(IMAGES, PIXELS // size**2))
    # A task ends when it has enough bytes or enough images.
    by_bytes = np.cumsum(members["packed"]) // BYTES
    by_images = np.arange(len(members)) // rows
    ends = np.flatnonzero(np.diff(by_bytes) | np.diff(by_images)) + 1
    for start, task in zip([0, *ends.tolist()], np.split(members, ends), strict=True):
        if len(task):
            yield Rows(array, start, task)


def fill_arrays(
    archive: Path, fit: Fit, tasks: Sequence[Rows], processes: int | None = None
) -> dict[tuple[Path, int], str]:
    """Decode images into arrays, with a progress bar.

    Args:
        archive: the zip file.
        fit: how images are fitted into squares (`latent.raw.image.read_image`).
        tasks: from `split_rows`.
        processes: number of processes; None for one per core, or fewer if there is little to do.

    Returns:
        For each image that cannot be used, the reason, by array and row.

    Raises:
        InputError: the archive cannot be read, or a worker process was killed.
    """
    worthwhile = 1 + sum(int(rows.members["packed"].sum()) for rows in tasks) // BYTES_PER_PROCESS
    processes = processes or min(count_cores(), worthwhile)
    work = partial(decode_rows, archive, fit)
    total = sum(len(rows.members) for rows in tasks)
    bad: dict[tuple[Path, int], str] = {}
    try:
        with (
            closing(run_parallel(work, tasks, processes)) as results,
            tqdm(desc="Decoding faces", total=total, unit="images", disable=None) as bar,
        ):
            for rows, reasons in zip(tasks, results, strict=True):
                bad |= {(rows.array, row): reason for row, reason in reasons.items()}
                bar.update(len(rows.members))
    except OSError as error:
        raise InputError(f"{printable(archive)}: cannot be read: {describe(error)}") from None
    return bad
