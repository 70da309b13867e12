"""The cells of a table in a text file, and the lines that they are in, for error messages.

A table is either separated by commas, semicolons, tabs or vertical bars, with a line of headings,
or in the format of the release by the authors of CelebA. In this format, spaces separate the
values. The table of attributes begins with a line with the number of rows and a line of headings,
which omits the heading of the images' column. The partition has no such lines.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from latent.errors import InputError
from latent.raw.celeba.wrong_file import describe_page
from latent.raw.folder_or_zip import printable

NAME = "image_id"
# Other headings of the column of images, in any case.
NAMES = ("filename", "file_name", "file", "image", "image_name", "imageid", "path")
DELIMITERS = ",;\t|"
# The first line with which Excel declares the delimiter.
DECLARATION = re.compile(r'"?sep=([,;|:\t])"?[ ,;\t]*(\r\n|\r|\n|$)', re.IGNORECASE)
LINE_END = re.compile(r"\r\n|\r|\n")
BLANK_LINES = re.compile(r"([^\S\r\n]*(\r\n|\r|\n))*")
NO_HEADING = re.compile(r"(unnamed: [\d.]+)?", re.IGNORECASE)  # pandas writes "Unnamed: 0"
DECIMALS = re.compile(r"(?<=\d)\.0*$")
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # first bytes of .xlsx or .ods, and of .xls
CELL = rb"[^,;|\t\r\n]*"
MAX_QUOTED = 60  # maximum length of a quotation in a message


@dataclass(frozen=True)
class Lines:
    """The text of a table without the lines before its first row.

    Attributes:
        text: the text.
        origin: path of the file, for error messages.
        skipped: number of lines before the text.
        delimiter: character between two cells.
        quoting: whether cells can be in quotes.
    """

    text: str
    origin: str
    skipped: int
    delimiter: str
    quoting: bool = True

    def number(self, row: int, count_empty: bool = False) -> int:
        """Return the number of a row's last line in the file.

        Args:
            row: index of the row.
            count_empty: whether the index counts rows whose cells are all empty. It never counts
                empty lines.
        """
        csv.field_size_limit(len(self.text) + 1)
        reader = csv.reader(
            io.StringIO(self.text, newline=""),
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoting else csv.QUOTE_NONE,
        )
        numbers = (
            reader.line_num
            for cells in reader
            if (cells if count_empty else any(map(str.strip, cells)))
        )
        return self.skipped + next(islice(numbers, row, None), row + 1)


@dataclass(frozen=True)
class Cells:
    """The cells of a table.

    Attributes:
        rows: the cells as strings, with the headings as column names. The column of images is
            `NAME`. Rows and columns without content are left out.
        lines: the text of the table.
        headings: whether the table has a line of headings.
    """

    rows: pd.DataFrame
    lines: Lines
    headings: bool

    def error(self, row: int, problem: str) -> InputError:
        """Return an error that names the line of a row."""
        number = self.lines.number(row + self.headings)
        return InputError(f"{self.lines.origin}: line {number}: {problem}")


def read_cells(content: bytes, origin: str, values: Collection[str] = ()) -> Cells:
    """Return the cells of a table.

    Args:
        content: bytes of the table's file.
        origin: path of the file, for error messages.
        values: values of the second column by which a table without headings is recognized.

    Raises:
        InputError: the content is not a table, or has no column of images.
    """
    lines = _find_lines(_decode(content, origin), origin, values)
    rows = _parse(lines)
    first = [unicodedata.normalize("NFC", cell.strip()) for cell in rows.iloc[0]]
    if len(first) == 2 and not _has_headings(first, values):
        return Cells(rows.set_axis([NAME, "value"], axis=1), lines, headings=False)
    return Cells(_set_headings(rows.iloc[1:].reset_index(drop=True), first, origin), lines, True)


def plain(value: str) -> str:
    """Return a value in lower case, without spaces around it and without decimals ".0"."""
    return DECIMALS.sub("", value.strip().lower())


def _decode(content: bytes, origin: str) -> str:
    if content.startswith(SPREADSHEETS):
        raise InputError(f"{origin}: not text but a spreadsheet; save the table as CSV")
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        before = re.search(CELL + rb"\Z", content[: error.start])
        after = re.match(CELL, content[error.start :])
        cell = b"".join(match[0] for match in (before, after) if match)
        guess = printable(cell[:MAX_QUOTED].decode("cp1252", "replace"))
        encoding = "UTF-16" if utf_16 else f"UTF-8, perhaps {guess!r} in Windows-1252"
        raise InputError(
            f"{origin}: line {line} is not valid {encoding}; save the table as UTF-8"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{origin}: line {line} is not text: it contains a null character")
    if page := describe_page(text):
        raise InputError(f"{origin}: not a table{page}")
    return text


def _find_lines(text: str, origin: str, values: Collection[str]) -> Lines:
    """Return the text from the first row on, and its delimiter."""
    declaration = DECLARATION.match(text)
    start = declaration.end() if declaration else 0
    blank = BLANK_LINES.match(text, start)
    start = blank.end() if blank else start
    skipped = len(LINE_END.findall(text, 0, start))
    text = text[start:]
    first_line = LINE_END.split(text, maxsplit=1)[0]
    delimiter = declaration[1] if declaration else max(DELIMITERS, key=first_line.count)
    if declaration or delimiter in first_line:
        return Lines(text, origin, skipped, delimiter)
    lines = LINE_END.split(text)
    count = None
    if lines[0].strip().isdecimal():
        count, *lines = lines
        skipped += 1
    rows = [number for number, line in enumerate(lines) if line.strip()]
    if not rows:
        raise InputError(f"{origin}: the table is empty")
    if count is not None and int(count) != len(rows) - 1:
        raise InputError(
            f"{origin}: the first line declares {int(count)} rows, but there are {len(rows) - 1}"
        )
    headings = lines[rows[0]].split()
    columns = len(headings) - 1
    if not _has_headings(headings, values):
        columns = 1
    elif count is not None and headings[0].casefold() not in (NAME, *NAMES):
        columns += 1
        lines[rows[0]] = f"{NAME} {lines[rows[0]]}"
    # Split from the right, because a file name may contain spaces. A quote is part of a file name.
    text = "\n".join("\t".join(line.rsplit(None, columns)) for line in lines)
    return Lines(text, origin, skipped, "\t", quoting=False)


def _parse(lines: Lines) -> pd.DataFrame:
    """Return all rows that are not empty, with integers as column names."""
    broken: list[arrow_csv.InvalidRow] = []

    def handle(row: arrow_csv.InvalidRow) -> str:
        if not row.text.strip(f"{lines.delimiter}{DELIMITERS} "):
            return "skip"
        broken.append(row)
        return "error"

    first_line = LINE_END.split(lines.text, maxsplit=1)[0]
    types = {f"f{column}": pa.string() for column in range(first_line.count(lines.delimiter) + 1)}
    # With a single thread, `InvalidRow` contains the number of the row.
    reading = arrow_csv.ReadOptions(use_threads=False, autogenerate_column_names=True)
    parsing = arrow_csv.ParseOptions(
        delimiter=lines.delimiter,
        quote_char='"' if lines.quoting else False,
        newlines_in_values=True,
        invalid_row_handler=handle,
    )
    as_text = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=False)
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(f"{lines.text}\n".encode()), reading, parsing, as_text
        )
    except pa.ArrowInvalid as error:
        if not broken:
            problem = printable(" ".join(str(error).split()))
            raise InputError(f"{lines.origin}: not a valid table: {problem}") from None
        row = broken[0]
        number = lines.number(row.number - 1, count_empty=True)
        raise InputError(
            f"{lines.origin}: line {number}: this row has {row.actual_columns} cells, but the "
            f"first row has {row.expected_columns}: {_quote([row.text])}"
        ) from None
    rows: pd.DataFrame = table.to_pandas().astype("str")
    rows.columns = pd.RangeIndex(rows.shape[1])
    candidates = rows[rows[0].str.strip() == ""]
    empty = candidates.index[(candidates.map(str.strip) == "").all(axis=1)]
    if len(empty) == len(rows):
        raise InputError(f"{lines.origin}: the table is empty")
    return rows.drop(index=empty).reset_index(drop=True) if len(empty) else rows


def _has_headings(first: Sequence[str], values: Collection[str]) -> bool:
    headings = {heading.casefold() for heading in first}
    return plain(first[-1]) not in values or not headings.isdisjoint((NAME, *NAMES))


def _set_headings(rows: pd.DataFrame, headings: Sequence[str], origin: str) -> pd.DataFrame:
    """Return rows with named columns, without empty columns and columns of row numbers.

    Raises:
        InputError: there is no column of images, or a heading is missing or not unique.
    """
    name = _find_names(headings, origin)
    columns: dict[int, str] = {}
    for column, heading in enumerate(headings):
        if column == name:
            columns[column] = NAME
        elif not NO_HEADING.fullmatch(heading):
            columns[column] = heading
        else:  # allowed are an empty column, and row numbers before the column of images
            cells = rows[column].str.strip()
            numbered = column < name and cells.is_unique and cells.str.isdecimal().all()
            if not numbered and cells.any():
                raise InputError(
                    f"{origin}: column {column + 1} has no heading; add one or delete the column"
                )
    repeated, count = Counter(columns.values()).most_common(1)[0]
    if count > 1:
        raise InputError(f"{origin}: has more than one column {printable(repeated)}")
    return rows[list(columns)].set_axis(list(columns.values()), axis=1)


def _find_names(headings: Sequence[str], origin: str) -> int:
    """Return the index of the column of images."""
    for allowed in ((NAME,), NAMES):
        found = [n for n, heading in enumerate(headings) if heading.casefold() in allowed]
        if len(found) > 1:
            listed = _quote(headings[n] for n in found)
            raise InputError(
                f"{origin}: has more than one column {NAME} ({listed}); exactly one is allowed"
            )
        if found:
            return found[0]
    if NO_HEADING.fullmatch(headings[0]):  # pandas leaves out the heading of its index
        return 0
    raise InputError(
        f"{origin}: has no column {NAME} with the names of the images; rename it; the headings are "
        f"{_quote(headings)}"
    )


def _quote(texts: Iterable[str]) -> str:
    joined = printable(", ".join(texts))
    return joined if len(joined) <= MAX_QUOTED else f"{joined[:MAX_QUOTED]} …"
