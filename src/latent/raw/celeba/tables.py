"""Tables that describe images, joined to the images by file name.

The tables are either separated by commas, semicolons or tabs, with a line of headings, or in the
format of the release by the authors of CelebA. In this format, spaces separate the values. The
table of attributes begins with a line with the number of rows and a line of headings, which omits
the heading of the images' column. The partition has no such lines.
"""

import codecs
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from posixpath import basename

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from latent.errors import InputError
from latent.raw.folder_or_zip import printable

NAME = "image_id"
RESERVED = (NAME, "member", "partition")  # column names that no attribute can have
PARTITIONS = {"0": "train", "1": "validation", "2": "test"}
TRUTH_VALUES = ({"-1", "1"}, {"0", "1"}, {"false", "true"})
TRUE = ("1", "true")
DELIMITERS = ",;\t"
# Attribute names become parts of file names and of metric names in MLflow.
ATTRIBUTE = re.compile(r"\w[\w .-]{0,99}")


def read_attributes(content: bytes, origin: str, images: Sequence[str]) -> pd.DataFrame:
    """Return the attributes of each image.

    Args:
        content: bytes of the table's file. Each column has the values −1 and 1, or 0 and 1, or
            false and true.
        origin: path of the file, for error messages.
        images: names of the images that the table must describe.

    Returns:
        Booleans, one row per image in the order of `images`, one column per attribute.

    Raises:
        InputError: the content is not a table, does not describe each image exactly once, describes
            another image, or contains another value.
    """
    cells = _read_cells(content, origin)
    if NAME not in cells:
        raise InputError(f"{origin}: has no column {NAME} with the names of the images")
    attributes = [str(column) for column in cells if column != NAME]
    for attribute in attributes:
        if attribute in RESERVED or not ATTRIBUTE.fullmatch(attribute):
            raise InputError(
                f"{origin}: {printable(attribute)!r} is not a valid attribute name; allowed are up "
                "to 100 letters, digits, spaces and _ - . beginning with a letter, digit or _, but "
                f"not {' or '.join(RESERVED)}"
            )
    values = {attribute: _parse_truth(cells, attribute, origin) for attribute in attributes}
    return pd.DataFrame(values, index=_match(cells[NAME], images, origin)).loc[list(images)]


def read_partition(content: bytes, origin: str, images: Sequence[str]) -> list[str]:
    """Return the part of the dataset that each image belongs to: "train", "validation" or "test".

    Args:
        content: bytes of the table's file, with or without headings. The values are 0 for train,
            1 for validation and 2 for test.
        origin: path of the file, for error messages.
        images: names of the images that the table must describe.

    Raises:
        InputError: the content is not a table, does not describe each image exactly once, describes
            another image, or contains another value.
    """
    cells = _read_cells(content, origin)
    if NAME not in cells and cells.shape[1] == 2 and cells.columns[1] in PARTITIONS:
        # The table has no headings: what was read as headings is the first row.
        first = pd.DataFrame([list(cells.columns)], columns=[NAME, "partition"], dtype="str")
        cells = pd.concat([first, cells.set_axis([NAME, "partition"], axis=1)], ignore_index=True)
    others = [column for column in cells if column != NAME]
    if NAME not in cells or len(others) != 1:
        raise InputError(f"{origin}: must have two columns, {NAME} and the partition")
    values = cells[others[0]].str.strip()
    wrong = ~values.isin(list(PARTITIONS))
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(
            f"{origin}: {printable(cells[NAME][row])} has {printable(values[row])!r}; allowed are "
            "0 (train), 1 (validation) and 2 (test)"
        )
    parts = values.map(PARTITIONS).set_axis(_match(cells[NAME], images, origin))
    return parts.loc[list(images)].to_list()


def _parse_truth(cells: pd.DataFrame, column: str, origin: str) -> NDArray[np.bool_]:
    values = cells[column].str.strip().str.lower()
    found = set(values.unique())
    if not any(found <= pair for pair in TRUTH_VALUES):
        allowed = "allowed are -1 and 1, or 0 and 1, or true and false"
        wrong = ~values.isin(list(set().union(*TRUTH_VALUES)))
        if not wrong.any():
            mixed = ", ".join(sorted(found))
            raise InputError(f"{origin}: column {column} mixes {mixed}; {allowed}")
        row = int(wrong.to_numpy().argmax())
        raise InputError(
            f"{origin}: column {column}: {printable(cells[NAME][row])} has "
            f"{printable(cells[column][row])!r}; {allowed}"
        )
    return values.isin(TRUE).to_numpy(bool)


def _match(names: Iterable[str], images: Sequence[str], origin: str) -> list[str]:
    """Return the image of each row.

    A name in the table is the path of the image, or its file name if no other image has the same.

    Args:
        names: names in the table.
        images: paths of the images.
        origin: path of the table, for error messages.
    """
    paths, names = set(images), list(names)
    if len(names) == len(paths) and paths == set(names):
        return names  # fast path for the usual case
    by_name: dict[str, str | None] = {}  # None if the name is ambiguous
    for path in images:
        name = basename(path)
        by_name[name] = None if name in by_name else path
    matched: dict[str, None] = {}  # an ordered set
    for name in names:
        path = unicodedata.normalize("NFC", name)
        if path not in paths:
            path = path.strip()
        image = path if path in paths else by_name.get(path, "")
        if image is None:
            raise InputError(
                f"{origin}: {printable(name)} is the name of more than one image; add the folder"
            )
        if not image:
            raise InputError(
                f"{origin}: contains a row for {printable(name)!r}, but there is no such image"
            )
        if image in matched:
            raise InputError(f"{origin}: contains more than one row for {printable(image)}")
        matched[image] = None
    if len(matched) < len(paths):
        first = min(paths - set(matched))
        raise InputError(
            f"{origin}: has {len(matched)} rows for {len(paths)} images; {printable(first)} has no "
            "row"
        )
    return list(matched)


def _read_cells(content: bytes, origin: str) -> pd.DataFrame:
    """Return the cells of a table as strings, with its headings as column names."""
    text = _decode(content, origin).strip("\r\n")
    first_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    quote: str | bool = '"'
    if delimiter not in first_line:
        # This format has no quoting: a quote is part of a file name.
        text, delimiter, quote = _separate_by_tabs(text.splitlines(), origin), "\t", False
    try:
        # With a single thread, error messages contain the number of the row.
        reading = csv.ReadOptions(use_threads=False, autogenerate_column_names=True)
        parsing = csv.ParseOptions(delimiter=delimiter, quote_char=quote, newlines_in_values=True)
        types = {f"f{column}": pa.string() for column in range(first_line.count(delimiter) + 1)}
        as_text = csv.ConvertOptions(column_types=types, strings_can_be_null=False)
        table = csv.read_csv(io.BytesIO(f"{text}\n".encode()), reading, parsing, as_text)
    except pa.ArrowInvalid as error:
        raise InputError(
            f"{origin}: not a valid table: {printable(' '.join(str(error).split()))}"
        ) from None
    cells: pd.DataFrame = table.to_pandas().astype("str")
    headings = [heading.strip() for heading in cells.iloc[0]]
    counts = Counter(headings)
    for column, heading in enumerate(headings, 1):
        if not heading:
            raise InputError(f"{origin}: column {column} has no heading")
        if counts[heading] > 1:
            raise InputError(f"{origin}: has more than one column {printable(heading)}")
    return cells.iloc[1:].set_axis(headings, axis=1).reset_index(drop=True)


def _decode(content: bytes, origin: str) -> str:
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{origin}: line {line} is not valid UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{origin}: line {line} is not text: it contains a null character")
    return text


def _separate_by_tabs(lines: list[str], origin: str) -> str:
    """Convert a table separated by spaces to one separated by tabs, with complete headings."""
    count = None
    if lines and lines[0].strip().isdecimal():
        count, *lines = lines
    rows = [line for line in lines if line.strip()]
    if not rows:
        raise InputError(f"{origin}: the table is empty")
    if count is not None and int(count) != len(rows) - 1:
        raise InputError(
            f"{origin}: the first line declares {int(count)} rows, but there are {len(rows) - 1}"
        )
    headings = rows[0].split()
    values = len(headings) - 1
    if headings[-1] in PARTITIONS:  # a partition without headings
        values = 1
    elif count is not None and headings[0] != NAME:
        values += 1
        rows[0] = f"{NAME} {rows[0]}"
    # Split from the right, because a file name may contain spaces.
    return "\n".join("\t".join(row.rsplit(None, values)) for row in rows)
