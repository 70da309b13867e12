"""Tables that say something of images: read as text, joined to the images by file name.

They are comma, semicolon or tab separated with a line of headings, or what the authors of CelebA
publish: values between spaces, below a line with their number and one of headings that leaves out
the images' column (attributes), or below nothing at all (the partition).
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
from latent.raw.folder_or_zip import one_line

NAME = "image_id"
TAKEN = (NAME, "member", "partition")  # names of columns that no attribute can have
PARTITIONS = {"0": "train", "1": "validation", "2": "test"}
TRUTHS = ({"-1", "1"}, {"0", "1"}, {"false", "true"})
TRUE = ("1", "true")
DELIMITERS = ",;\t"
# Attributes name figures' files and MLflow's metrics, which bear no other letters than these.
ATTRIBUTE = re.compile(r"\w[\w .-]{0,99}")


def read_attributes(content: bytes, where: str, images: Sequence[str]) -> pd.DataFrame:
    """Return what is true of each image, by the attributes in a table.

    Args:
        content: of the table's file. Below each heading stand −1 and 1, or 0 and 1, or true and
            false.
        where: the file, for messages.
        images: the images that the table must describe.

    Returns:
        Booleans, a row for each image in the order of `images`, a column per attribute.

    Raises:
        InputError: the content is no table, does not describe each image once, describes another
            one, or has a value that is none of these.
    """
    cells = _read_cells(content, where)
    if NAME not in cells:
        raise InputError(f"{where}: has no column {NAME}, which names the images")
    names = [str(name) for name in cells if name != NAME]
    for name in names:
        if name in TAKEN or not ATTRIBUTE.fullmatch(name):
            raise InputError(
                f"{where}: {one_line(name)!r} cannot be an attribute's name: letters, digits, _, -,"
                f" spaces and dots are allowed, and {' or '.join(TAKEN)} is taken"
            )
    truths = {name: _truths(cells, name, where) for name in names}
    return pd.DataFrame(truths, index=_match(cells[NAME], images, where)).loc[list(images)]


def read_partition(content: bytes, where: str, images: Sequence[str]) -> list[str]:
    """Return to which part of the data each image belongs: "train", "validation" or "test".

    Args:
        content: of the table's file, with or without headings; 0 is train, 1 is validation, 2 is
            test.
        where: the file, for messages.
        images: the images that the table must describe.

    Raises:
        InputError: the content is no table, does not describe each image once, describes another
            one, or has a value that is none of these.
    """
    cells = _read_cells(content, where)
    if NAME not in cells and cells.shape[1] == 2 and cells.columns[1] in PARTITIONS:
        # What was taken for headings is a row.
        first = pd.DataFrame([list(cells.columns)], columns=[NAME, "partition"], dtype="str")
        cells = pd.concat([first, cells.set_axis([NAME, "partition"], axis=1)], ignore_index=True)
    others = [name for name in cells if name != NAME]
    if NAME not in cells or len(others) != 1:
        raise InputError(f"{where}: must have two columns, {NAME} and the partition")
    values = cells[others[0]].str.strip()
    wrong = ~values.isin(list(PARTITIONS))
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(
            f"{where}: {one_line(cells[NAME][row])} has {one_line(values[row])!r}; allowed are "
            "0 (train), 1 (validation) and 2 (test)"
        )
    parts = values.map(PARTITIONS).set_axis(_match(cells[NAME], images, where))
    return parts.loc[list(images)].to_list()


def _truths(cells: pd.DataFrame, name: str, where: str) -> NDArray[np.bool_]:
    values = cells[name].str.strip().str.lower()
    found = set(values.unique())
    if not any(found <= truths for truths in TRUTHS):
        allowed = "allowed are -1 and 1, or 0 and 1, or true and false"
        strange = ~values.isin(list(set().union(*TRUTHS)))
        if not strange.any():
            mixed = ", ".join(sorted(found))
            raise InputError(f"{where}: column {name} mixes {mixed}; {allowed}")
        row = int(strange.to_numpy().argmax())
        raise InputError(
            f"{where}: column {name}: {one_line(cells[NAME][row])} has "
            f"{one_line(cells[name][row])!r}; {allowed}"
        )
    return values.isin(TRUE).to_numpy(bool)


def _match(names: Iterable[str], images: Sequence[str], where: str) -> list[str]:
    """Return which image each name means: its path, or its file name where no other has it."""
    known, names = set(images), list(names)
    if len(names) == len(known) and known == set(names):
        return names  # as nearly always, and there may be many
    by_name: dict[str, str | None] = {}
    for path in images:
        name = basename(path)
        by_name[name] = None if name in by_name else path
    matched: dict[str, None] = {}
    for name in names:
        path = unicodedata.normalize("NFC", name)
        if path not in known:
            path = path.strip()
        image = path if path in known else by_name.get(path, "")
        if image is None:
            raise InputError(f"{where}: {one_line(name)} is the name of more than one image")
        if not image:
            raise InputError(f"{where}: names {one_line(name)!r}, and there is no such image")
        if image in matched:
            raise InputError(f"{where}: names {one_line(image)} twice")
        matched[image] = None
    if len(matched) < len(known):
        first = min(known - set(matched))
        raise InputError(
            f"{where}: has {len(matched)} rows for {len(known)} images, and none for "
            f"{one_line(first)}"
        )
    return list(matched)


def _read_cells(content: bytes, where: str) -> pd.DataFrame:
    """Return the cells of a table as texts, below its headings."""
    text = _decode(content, where).strip("\r\n")
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    quote: str | bool = '"'
    if delimiter not in first:
        # No quotes between spaces: a file's name may hold some.
        text, delimiter, quote = _tab_separated(text.splitlines(), where), "\t", False
    try:
        # Of single-threaded reading, errors say in which row they are.
        reading = csv.ReadOptions(use_threads=False, autogenerate_column_names=True)
        parsing = csv.ParseOptions(delimiter=delimiter, quote_char=quote, newlines_in_values=True)
        types = {f"f{column}": pa.string() for column in range(first.count(delimiter) + 1)}
        as_text = csv.ConvertOptions(column_types=types, strings_can_be_null=False)
        table = csv.read_csv(io.BytesIO(f"{text}\n".encode()), reading, parsing, as_text)
    except pa.ArrowInvalid as error:
        raise InputError(
            f"{where}: is no table: {one_line(' '.join(str(error).split()))}"
        ) from None
    cells: pd.DataFrame = table.to_pandas().astype("str")
    headings = [heading.strip() for heading in cells.iloc[0]]
    counts = Counter(headings)
    for place, heading in enumerate(headings, 1):
        if not heading:
            raise InputError(f"{where}: column {place} has no heading")
        if counts[heading] > 1:
            raise InputError(f"{where}: has more than one column {one_line(heading)}")
    return cells.iloc[1:].set_axis(headings, axis=1).reset_index(drop=True)


def _decode(content: bytes, where: str) -> str:
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}: line {line} is not in UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{where}: line {line} is no text")
    return text


def _tab_separated(lines: list[str], where: str) -> str:
    """Return a table of values between spaces as one between tabs, its headings complete."""
    count = None
    if lines and lines[0].strip().isdecimal():
        count, *lines = lines
    rows = [line for line in lines if line.strip()]
    if not rows:
        raise InputError(f"{where}: is empty")
    if count is not None and int(count) != len(rows) - 1:
        raise InputError(f"{where}: promises {int(count)} rows and has {len(rows) - 1}")
    headings = rows[0].split()
    values = len(headings) - 1
    if headings[-1] in PARTITIONS:  # a row, of a partition without headings
        values = 1
    elif count is not None and headings[0] != NAME:
        values += 1
        rows[0] = f"{NAME} {rows[0]}"
    # From the right, for a file's name may hold spaces.
    return "\n".join("\t".join(row.rsplit(None, values)) for row in rows)
