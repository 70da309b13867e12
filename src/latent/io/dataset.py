"""The processed form that every data set takes: arrays, a table row per image, and a record.

train.npy, test.npy          uint8 (N, H, W, C), C-contiguous
train.parquet, test.parquet  row i describes image i: `image_id`, then `label` or attributes
dataset.json                 name, source, shape, counts, what was left out or skipped, digest;
                             of garments also the names of the classes
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from latent.errors import InputError
from latent.io.files import read_json, sha256, write_json

SPLITS = ("train", "test")
CHUNK = 1024  # images in memory at a time


@dataclass(frozen=True)
class Split:
    """One split of a processed data set.

    Attributes:
        images: uint8 (N, H, W, C), mapped from disk.
        table: N rows in the order of the images.
    """

    images: NDArray[np.uint8]
    table: pd.DataFrame


def reserve_array(path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
    """Write an npy file of zeros, whose place on the disk is taken from now on.

    A disk that is full is an error here; it would end a process that writes through a memory map.

    Raises:
        InputError: there is no room for it.
    """
    try:
        np.lib.format.open_memmap(path, "w+", dtype, shape)
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    except OSError as error:
        size = math.prod(shape) * np.dtype(dtype).itemsize
        raise InputError(f"{path}: takes {size:,} bytes on the disk: {error.strerror}") from None


def keep_rows(path: Path, rows: NDArray[np.intp]) -> None:
    """Leave just the given rows, in rising order, in an npy file of uint8.

    They are moved within the file, a chunk at a time.
    """
    images = np.lib.format.open_memmap(path, mode="r+")
    shape = (len(rows), *images.shape[1:])
    if len(rows) == len(images):
        return
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        images[start : start + len(chunk)] = images[chunk]
    images.flush()
    del images
    with path.open("r+b") as file:
        # The header has room for any number of rows, so that its length stays the same.
        file.truncate(_write_header(file, shape) + math.prod(shape))


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> int:
    """Write what an npy file of uint8 begins with; return its length in bytes."""
    description = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, description)
    return file.tell()


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Write dataset.json: `record`, then the splits' sizes, the image shape and the digest.

    The digest is the SHA-256 of the arrays and tables in `folder`, all of which must be there.

    Raises:
        InputError: a split has no image.
    """
    sizes = {}
    for split in SPLITS:
        images = np.load(folder / f"{split}.npy", mmap_mode="r")
        if not len(images):
            raise InputError(f"{record['source']}: no image is left in the {split} split")
        sizes[split] = len(images)
    files = [folder / f"{split}.{kind}" for split in SPLITS for kind in ("npy", "parquet")]
    write_json(
        folder / "dataset.json",
        {**record, "images": sizes, "shape": list(images.shape[1:]), "digest": sha256(*files)},
    )


def read_split(folder: Path, split: str) -> Split:
    """Return the images, mapped from disk, and the table of one split of a processed data set.

    Raises:
        InputError: a file is missing or damaged, or the two do not have the same length.
    """
    images = read_array(folder / f"{split}.npy")
    table = read_table(folder / f"{split}.parquet")
    if len(images) != len(table):
        raise InputError(
            f"{folder}: {split}.npy has {len(images)} images, {split}.parquet {len(table)} rows"
        )
    return Split(images, table)


def read_array(path: Path) -> NDArray[Any]:
    """Return the array in an npy file, mapped from disk and not writable.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        # np.load would open other kinds of file too.
        return np.lib.format.open_memmap(path, mode="r")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def read_table(path: Path) -> pd.DataFrame:
    """Return the table in a parquet file.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError, TypeError, LookupError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None


def read_record(folder: Path) -> dict[str, Any]:
    """Return the content of dataset.json.

    Raises:
        InputError: the file is missing or damaged.
    """
    return read_json(folder / "dataset.json")
