"""Images of an archive into arrays on disk, by as many processes as there are cores."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from latent.errors import InputError
from latent.preprocess.faces.decode import Rows, decode_rows
from latent.preprocess.faces.parallel import count_cores, run_parallel
from latent.raw.folder_or_zip import one_line
from latent.raw.image import Fit

# Of one task: few enough for a progress bar that moves, and for little memory.
IMAGES = 256
BYTES = 1 << 21  # of files in the archive
PIXELS = 1 << 22  # in the array
# Bytes of images that are decoded in the time that it takes to start a process.
BYTES_PER_PROCESS = 1 << 22


def split_rows(array: Path, members: NDArray[np.void], size: int) -> Iterator[Rows]:
    """Yield all rows of an array in tasks of about the same effort; no result depends on it."""
    rows = max(1, min(IMAGES, PIXELS // size**2))
    # A task ends where it has enough images or enough bytes.
    by_bytes = np.cumsum(members["packed"]) // BYTES
    by_images = np.arange(len(members)) // rows
    ends = np.flatnonzero(np.diff(by_bytes) | np.diff(by_images)) + 1
    for start, task in zip([0, *ends.tolist()], np.split(members, ends), strict=True):
        if len(task):
            yield Rows(array, start, task)


def fill_arrays(
    archive: Path, fit: Fit, tasks: Sequence[Rows], processes: int | None = None
) -> dict[tuple[Path, int], str]:
    """Fill arrays, and show how fast; return why not, by array and row, for what cannot be used.

    Args:
        archive: the zip file.
        fit: how images are fitted into squares.
        tasks: from `split_rows`.
        processes: how many decode at once; None for as many as there are cores, or fewer where
            there is little to do.

    Raises:
        InputError: the archive cannot be read, or a process was ended from outside.
    """
    worth = 1 + sum(int(rows.members["packed"].sum()) for rows in tasks) // BYTES_PER_PROCESS
    work = partial(decode_rows, archive, fit)
    total = sum(len(rows.members) for rows in tasks)
    bad: dict[tuple[Path, int], str] = {}
    try:
        with (
            closing(run_parallel(work, tasks, processes or min(count_cores(), worth))) as results,
            tqdm(desc="faces", total=total, unit="images", disable=None) as bar,
        ):
            for rows, reasons in zip(tasks, results, strict=True):
                bad |= {(rows.array, row): reason for row, reason in reasons.items()}
                bar.update(len(rows.members))
    except OSError as error:
        raise InputError(f"{one_line(archive)}: cannot be read: {error.strerror}") from None
    return bad
