"""The processed form of both datasets: arrays, a table row per image, and a description.

train.npy, test.npy          uint8 (N, H, W, C), C-contiguous
train.parquet, test.parquet  row i describes image i: `image_id`, then `label` or the attributes
dataset.json                 name, source, number and shape of the images, images that were left
                             out or skipped, digest; `preparation`, which is how an image file
                             becomes a row; for Fashion-MNIST also the class names
"""

import math
import os
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from latent.errors import InputError, describe
from latent.io.files import read_json, sha256, write_json

SPLITS = ("train", "test")
CHUNK = 1024  # number of images in memory at a time

SAMPLE_NAME = "synthetic sample data"
OWN_NAME = "user-supplied images"
DATASET_NAMES = {"fashion": "Fashion-MNIST", "faces": "CelebA"}


@dataclass(frozen=True)
class Split:
    """One split of a processed dataset.

    Attributes:
        images: uint8 (N, H, W, C), memory-mapped.
        table: N rows in the order of the images.
    """

    images: NDArray[np.uint8]
    table: pd.DataFrame


def reserve_array(path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
    """Write an NPY file of zeros and allocate all of its disk space.

    If the disk is full, this function raises an error. Without the allocation, a later write
    through a memory map would crash the process.

    Raises:
        InputError: the disk has not enough space.
    """
    try:
        np.lib.format.open_memmap(path, "w+", dtype, shape)
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    except OSError as error:
        size = math.prod(shape) * np.dtype(dtype).itemsize
        raise InputError(
            f"{path}: cannot allocate {size:,} bytes on the disk: {describe(error)}"
        ) from None


def keep_rows(path: Path, rows: NDArray[np.intp]) -> None:
    """Remove all other rows from an NPY file of uint8, in place.

    Args:
        path: the file.
        rows: indices of the rows to keep, in ascending order.
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
        # NumPy pads the header, so its length does not depend on the number of rows.
        file.truncate(_write_header(file, shape) + math.prod(shape))


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> int:
    """Write the header of an NPY file of uint8; return its length in bytes."""
    description = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, description)
    return file.tell()


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Write dataset.json: `record`, then the size of each split, the image shape and the digest.

    The digest is the SHA-256 of the arrays and tables, which must already be in `folder`.

    Raises:
        InputError: a split has no images.
    """
    sizes = {}
    for split in SPLITS:
        images = np.load(folder / f"{split}.npy", mmap_mode="r")
        if not len(images):
            raise InputError(
                f"{record['name']} (source {record['source']}): the {split} split has no images"
            )
        sizes[split] = len(images)
    files = [folder / f"{split}.{kind}" for split in SPLITS for kind in ("npy", "parquet")]
    write_json(
        folder / "dataset.json",
        {**record, "images": sizes, "shape": list(images.shape[1:]), "digest": sha256(*files)},
    )


def read_split(folder: Path, split: str) -> Split:
    """Return the images, memory-mapped, and the table of one split of a processed dataset.

    Raises:
        InputError: a file is missing or damaged, or the two have different lengths.
    """
    images = read_array(folder / f"{split}.npy")
    table = read_table(folder / f"{split}.parquet")
    if len(images) != len(table):
        raise InputError(
            f"{folder}: {split}.npy has {len(images)} images, but {split}.parquet has "
            f"{len(table)} rows"
        )
    return Split(images, table)


def read_array(path: Path) -> NDArray[Any]:
    """Return the array in an NPY file, memory-mapped and read-only.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        # np.load would also accept pickles and NPZ archives.
        return np.lib.format.open_memmap(path, mode="r")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {describe(error)}") from None


def read_table(path: Path) -> pd.DataFrame:
    """Return the table in a Parquet file.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError, TypeError, LookupError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read: {describe(error)}") from None


def has_labels(table: pd.DataFrame) -> bool:
    """Return whether a table has labels. An attribute named "label" is boolean."""
    return "label" in table and table["label"].dtype != bool


def check_attributes(shown: Iterable[str], attributes: Iterable[str]) -> None:
    """Raise InputError if figures should show an attribute that the dataset lacks.

    Args:
        shown: names of attributes in params.yaml.
        attributes: names of the dataset's attributes.
    """
    allowed = list(attributes)
    unknown = [name for name in shown if name not in allowed]
    if unknown:
        raise InputError(
            f"figures.vae_faces.attributes: {unknown[0]!r} is not an attribute of the dataset; "
            f"allowed are {textwrap.shorten(', '.join(allowed), 100, placeholder=' …')}"
        )


def read_record(folder: Path) -> dict[str, Any]:
    """Return the content of dataset.json.

    Raises:
        InputError: the file is missing or damaged.
    """
    return read_json(folder / "dataset.json")


def source_name(record: dict[str, Any]) -> str:
    """Return the name under which figures refer to the data of this dataset.json."""
    other_names = {"sample": SAMPLE_NAME, "folder": OWN_NAME}
    return other_names.get(record["source"]) or DATASET_NAMES[record["name"]]
