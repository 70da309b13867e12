"""Tables of the attributes and of the partition of images, joined to the images by file name."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import SPLITS
from latent.raw.celeba.cells import NAME, Cells, plain, read_cells
from latent.raw.celeba.matching import match_images
from latent.raw.folder_or_zip import printable

PARTITIONS = {"0": "train", "1": "validation", "2": "test"}
# All values of a partition, without regard to case.
PARTS = PARTITIONS | {part: part for part in PARTITIONS.values()} | {"val": "validation"}
TRUTH_VALUES = (("-1", "1"), ("0", "1"), ("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"))
TRUE = {true for _, true in TRUTH_VALUES}
TRUTHS = TRUE | {false for false, _ in TRUTH_VALUES}
ALLOWED = "allowed are -1 and 1, or 0 and 1, or false and true, or no and yes"
# Attribute names become parts of file names and of metric names in MLflow.
ATTRIBUTE = re.compile(r"\w[\w .-]{0,99}")
# Names that no attribute can have: the other columns of `latent.raw.celeba.layout.read_layout`.
RESERVED = ("member", "partition")


def read_attributes(content: bytes, origin: str, images: Sequence[str]) -> pd.DataFrame:
    """Return the attributes of each image.

    Args:
        content: bytes of the table's file. Each column has one of the pairs of values in
            `TRUTH_VALUES`, in any case; numbers may have decimals, such as 1.0.
        origin: path of the file, for error messages.
        images: names of the images that the table must describe.

    Returns:
        Booleans, one row per image in the order of `images`, one column per attribute.

    Raises:
        InputError: the content is not a table, does not describe each image exactly once, describes
            another image, or contains another value.
    """
    cells = read_cells(content, origin)
    attributes = [str(column) for column in cells.rows if column != NAME]
    for attribute in attributes:
        if problem := _find_problem(attribute):
            raise InputError(
                f"{origin}: {printable(attribute)!r} is not a valid attribute name: {problem}"
            )
    values = {attribute: _parse_truth(cells, attribute) for attribute in attributes}
    return pd.DataFrame(values, index=match_images(cells, images)).loc[list(images)]


def read_partition(content: bytes, origin: str, images: Sequence[str]) -> list[str]:
    """Return the part of the dataset that each image belongs to: "train", "validation" or "test".

    Args:
        content: bytes of the table's file, with or without headings. The values are 0 or train, 1,
            validation or val, and 2 or test.
        origin: path of the file, for error messages.
        images: names of the images that the table must describe.

    Raises:
        InputError: the content is not a table, does not describe each image exactly once, describes
            another image, contains another value, or assigns no images to the training or test set.
    """
    cells = read_cells(content, origin, PARTS)
    others = [column for column in cells.rows if column != NAME]
    if len(others) != 1:
        raise InputError(f"{origin}: must have two columns, {NAME} and the partition")
    values = cells.rows[others[0]]
    parts = values.map(plain).map(PARTS)
    if parts.isna().any():
        row = int(parts.isna().to_numpy().argmax())
        raise cells.error(
            row,
            f"{printable(cells.rows[NAME][row])} has {printable(values[row])!r}; allowed are "
            "0 (train), 1 (validation) and 2 (test), or these words",
        )
    partition = parts.set_axis(match_images(cells, images)).loc[list(images)].to_list()
    for split in SPLITS:
        if split not in partition:
            raise InputError(
                f"{origin}: assigns no images to the {split} split; 0 is train and 2 is test"
            )
    return partition


def _find_problem(attribute: str) -> str:
    """Return why a name is not allowed for an attribute, or ""."""
    if attribute in RESERVED:
        return f"{' and '.join(RESERVED)} are reserved; rename the column"
    if not ATTRIBUTE.fullmatch(attribute):
        return (
            "allowed are up to 100 letters, digits, spaces and _ - . beginning with a letter, "
            "digit or _"
        )
    return ""


def _parse_truth(cells: Cells, column: str) -> NDArray[np.bool_]:
    codes, unique = pd.factorize(cells.rows[column])
    values = [plain(value) for value in unique]
    if not any(set(values) <= {*pair} for pair in TRUTH_VALUES):
        wrong = np.array([value not in TRUTHS for value in values])
        mixed = ""
        if not wrong.any():
            # The values are from different pairs. The pair of most rows is the intended one.
            counts = np.bincount(codes)
            outside = [np.array([value not in pair for value in values]) for pair in TRUTH_VALUES]
            wrong = min(outside, key=lambda others: counts[others].sum())
            mixed = f" mixes {', '.join(sorted({*values}))}"
        row = int(wrong[codes].argmax())
        name, value = printable(cells.rows[NAME][row]), printable(unique[codes[row]])
        raise cells.error(
            row, f"column {printable(column)}{mixed}: {name} has {value!r}; {ALLOWED}"
        )
    return np.array([value in TRUE for value in values], bool)[codes]
