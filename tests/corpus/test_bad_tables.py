"""Tables of attributes and partitions: bad ones are rejected, unusual ones read correctly."""

import codecs
from pathlib import Path

import pytest
from making import (
    ATTRIBUTES,
    BITS,
    COUNT,
    Archive,
    attribute_row,
    attributes,
    encode,
    file_name,
    image_bytes,
    partition,
    partition_of,
    rows,
    stripes,
)
from runs import check_faces, expect_faces_error, run_faces, without_validation

from latent.io.dataset import read_split

pytestmark = pytest.mark.usefixtures("patience")

TABLE, PARTITION = "list_attr_celeba.csv", "list_eval_partition.csv"
NUMBERS = without_validation({file_name(n): n for n in range(COUNT)})
VALID, PARTS = attributes(), partition()
FIRST, SECOND = VALID.splitlines()[1:3]


def cell(number: int, bit: int, value: str) -> str:
    """Return the table of attributes with another value in one cell."""
    cells = attribute_row(number).split(",")
    cells[1 + bit] = value
    return VALID.replace(attribute_row(number), ",".join(cells))


def heading(old: str, new: str) -> str:
    return VALID.replace(old, new, 1)


def part(number: int, value: str) -> str:
    return PARTS.replace(
        f"{file_name(number)},{partition_of(number)}", f"{file_name(number)},{value}"
    )


BAD_ATTRIBUTES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "the table is empty"),
    "blank lines": ("\n\r\n \n", "the table is empty"),
    "only headings": (VALID.splitlines()[0] + "\n", "0 rows"),
    "no headings": (VALID.partition("\n")[2], "no column image_id"),
    "no column of images": (heading("image_id", "person"), "no column image_id"),
    "two columns of images in another case": (heading("Bit_0", "Image_ID"), "more than one column"),
    "two columns of images": (heading("Bit_0", "image_id"), "more than one column image_id"),
    "repeated column": (heading("Bit_0", "Bit_1"), "more than one column Bit_1"),
    "column without a heading": (heading("Bit_0", ""), "column 2 has no heading"),
    "blank heading": (heading("Bit_0", "  "), "column 2 has no heading"),
    "reserved heading": (heading("Bit_0", "partition"), "'partition' is not a valid"),
    "path as heading": (heading("Bit_0", "../../Bit"), "../../Bit"),
    "command as heading": (heading("Bit_0", "$(reboot)"), "$(reboot)"),
    "heading of two lines": (heading("Bit_0", '"Bit\n0"'), "valid attribute name"),
    "heading of 1,000 letters": (heading("Bit_0", "B" * 1000), "valid attribute name"),
    "empty cell": (cell(3, 1, ""), "Bit_1: 000003.jpg"),
    "NaN": (cell(3, 1, "NaN"), "Bit_1: 000003.jpg"),
    "number that is not allowed": (cell(3, 1, "2"), "Bit_1: 000003.jpg"),
    "fraction": (cell(3, 1, "0.5"), "Bit_1: 000003.jpg"),
    "word": (cell(3, 1, "maybe"), "Bit_1: 000003.jpg"),
    "yes in a column of -1 and 1": (cell(3, 1, "yes"), "line 5: column Bit_1 mixes -1, 1, yes"),
    "formula": (cell(3, 1, "=1+1"), "Bit_1: 000003.jpg"),
    "0 in a column of -1 and 1": (cell(3, 1, "0"), "Bit_1 mixes -1, 0, 1"),
    "true in a column of -1 and 1": (cell(3, 1, "true"), "Bit_1 mixes"),
    "Unicode minus sign": (cell(3, 1, "−1"), "Bit_1: 000003.jpg"),
    "missing row": (VALID.replace(f"{SECOND}\n", ""), "000001.jpg has no row"),
    "row of an unknown image": (VALID + attribute_row(99) + "\n", "000099.jpg"),
    "repeated row": (VALID + SECOND + "\n", "more than one row for 000001.jpg"),
    "repeated row and missing row": (
        VALID.replace("000001.jpg", "000002.jpg"),
        "more than one row for 000002.jpg",
    ),
    "empty image name": (VALID.replace("000001.jpg", ""), "no such image"),
    "image name with another extension": (VALID.replace("000001.jpg", "000001.png"), "000001.png"),
    "incomplete row": (VALID.replace(SECOND, SECOND[:16]), "row"),
    "extra cell": (VALID.replace(SECOND, f"{SECOND},1"), "row"),
    "truncated": (VALID[: len(VALID) // 2], ""),
    "quote without end": (VALID.replace("000001.jpg", '"000001.jpg'), ""),
    "commas only in the headings": (VALID.replace(",", ";").replace(";", ",", BITS), ""),
    "Latin-1 in a heading": (heading("Bit_0", "Größe").encode("latin-1"), "line 1"),
    "Latin-1 in an image name": (VALID.replace("000001", "é").encode("latin-1"), "line 3"),
    "null bytes": (VALID.encode() + bytes(100), "line 22"),
    "UTF-16 without byte order mark": (VALID.encode("utf-16-le"), "not text"),
    "UTF-32": (VALID.encode("utf-32"), ""),
    "incomplete UTF-16": (VALID.encode("utf-16")[:-1], "line"),
    "web page": ("<!DOCTYPE html>\n<html><body>404</body></html>\n", ""),
    "JSON": ('[{"image_id": "000000.jpg", "Bit_0": 1}]', ""),
    "spreadsheet": (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xff\xff", ""),
    "image": (image_bytes(3), ""),
    "noise": (bytes(range(256)) * 20, ""),
    "terminal escape sequences": (heading("Bit_0", "\x1b[2J\x07"), r"\x1b"),
    "one line of 1,000,000 letters": ("x" * 1_000_000, ""),
    "10,000 columns": ("image_id," + ",".join(f"A{n}" for n in range(10_000)), ""),
}

BAD_PARTITIONS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "the table is empty"),
    "only headings": ("image_id,partition\n", ""),
    "number that is not allowed": (part(3, "3"), "000003.jpg"),
    "negative number": (part(3, "-1"), "000003.jpg"),
    "fraction": (part(3, "0.5"), "000003.jpg"),
    "word": (part(3, "trian"), "000003.jpg"),
    "NaN": (part(3, "nan"), "000003.jpg"),
    "empty cell": (part(3, ""), "000003.jpg"),
    "huge number": (part(3, "9" * 400), "000003.jpg"),
    "missing row": (PARTS.replace("000003.jpg,0\n", ""), "000003.jpg"),
    "row of an unknown image": (PARTS + "000099.jpg,0\n", "000099.jpg"),
    "repeated row": (PARTS + "000003.jpg,2\n", "more than one row for 000003.jpg"),
    "third column": (
        PARTS.replace("\n", ",1\n").replace("partition,1", "partition,x"),
        "two",
    ),
    "one column": (rows("image_id", file_name), "two columns"),
    "other headings": (PARTS.replace("image_id,partition", "a,b"), "no column image_id"),
    "table of attributes": (VALID, "two columns"),
    "only training images": (rows("image_id,partition", lambda n: f"{file_name(n)},0"), "test"),
    "only test images": (rows("image_id,partition", lambda n: f"{file_name(n)},2"), "train"),
    "only validation images": (rows("image_id,partition", lambda n: f"{file_name(n)},1"), "train"),
    "Latin-1": (PARTS.replace("000003", "ü").encode("latin-1"), "line 5"),
    "image": (encode(stripes(1), "PNG"), ""),
}


def write(root: Path, table: str, content: str | bytes) -> None:
    archive = Archive()
    archive.tables[table] = content if isinstance(content, bytes) else content.encode()
    archive.write(root / "mine.zip")


@pytest.mark.parametrize("name", BAD_ATTRIBUTES)
def test_bad_attributes_are_rejected(name: str, tmp_path: Path) -> None:
    content, problem = BAD_ATTRIBUTES[name]
    write(tmp_path, TABLE, content)
    expect_faces_error(tmp_path, "archive", "mine.zip", f"mine.zip: {TABLE}: ", problem)


@pytest.mark.parametrize("name", BAD_PARTITIONS)
def test_bad_partitions_are_rejected(name: str, tmp_path: Path) -> None:
    content, problem = BAD_PARTITIONS[name]
    write(tmp_path, PARTITION, content)
    path = "partition" if problem in ("train", "test") else f"mine.zip: {PARTITION}: "
    expect_faces_error(tmp_path, "archive", "mine.zip", path, problem)


# Tables in a folder of user-supplied images


def write_images(root: Path) -> Path:
    for number in range(COUNT):
        path = root / "mine" / file_name(number)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(image_bytes(number))
    return root / "mine"


def reorder(table: str) -> str:
    first, *others = table.splitlines()
    return "\n".join([first, *reversed(others)]) + "\n"


def swap_columns(table: str) -> str:
    return "\n".join(",".join(reversed(line.split(","))) for line in table.splitlines())


RELEASE = "\n".join(
    [str(COUNT), " ".join(ATTRIBUTES) + " ", *attributes("  ").splitlines()[1:]]
).replace("  1", "   1")

UNUSUAL: dict[str, str | bytes] = {
    "byte order mark": codecs.BOM_UTF8 + VALID.encode(),
    "UTF-16": VALID.encode("utf-16"),
    "Windows line endings": VALID.replace("\n", "\r\n"),
    "UTF-16 with Windows line endings": VALID.replace("\n", "\r\n").encode("utf-16"),
    "no newline at the end": VALID.rstrip("\n"),
    "blank lines at the end": VALID + "\n\n\r\n",
    "semicolons": attributes(";"),
    "tabs": attributes("\t"),
    "spaces": RELEASE,
    "quotes": '"' + VALID.strip().replace(",", '","').replace("\n", '"\n"') + '"\n',
    "spaces around values": VALID.replace(",", " , "),
    "rows in another order": reorder(VALID),
    "columns in another order": swap_columns(VALID),
    "zeros and ones": attributes(truths=("0", "1")),
    "words": attributes(truths=("false", "True")),
    "words of any case": attributes(truths=("FALSE", "TRUE")),
    "other words": attributes(truths=("No", "yes")),
    "decimals": attributes(truths=("0.0", "1.0")),
    "image names without extension": VALID.replace(".jpg", ""),
    "image names in another case": VALID.replace(".jpg", ".JPG"),
    "image names with a dot": VALID.replace("0000", "./0000"),
    "column of images in another case": heading("image_id", "Image_ID"),
    "another heading of the images": heading("image_id", "Filename"),
    "declared delimiter": "sep=;\n" + attributes(";"),
    "vertical bars": attributes("|"),
    "rows without content": VALID + ",,,,,\n,,\n",
    "column without content": VALID.replace("\n", ",\n"),
    "column of row numbers": rows("," + VALID.splitlines()[0], lambda n: f"{n},{attribute_row(n)}"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_tables_are_read(name: str, tmp_path: Path) -> None:
    content = UNUSUAL[name]
    table = content if isinstance(content, bytes) else content.encode()
    (write_images(tmp_path) / "attributes.csv").write_bytes(table)
    folder = run_faces(tmp_path, "folder", "mine")
    check_faces(folder, {file_name(n): n for n in range(COUNT)}, {})
    assert list(read_split(folder, "train").table.columns) in (
        ["image_id", *ATTRIBUTES],
        ["image_id", *reversed(ATTRIBUTES)],
    )


@pytest.mark.parametrize("name", [name for name in BAD_ATTRIBUTES if ",000" not in name])
def test_bad_attributes_in_a_folder_are_rejected(name: str, tmp_path: Path) -> None:
    content, problem = BAD_ATTRIBUTES[name]
    table = content if isinstance(content, bytes) else content.encode()
    (write_images(tmp_path) / "attributes.csv").write_bytes(table)
    expect_faces_error(tmp_path, "folder", "mine", "mine: attributes.csv: ", problem)


BAD_RELEASES: dict[str, tuple[str, str]] = {
    "another number of rows": (RELEASE.replace(str(COUNT), "202599", 1), "202599"),
    "missing row": (RELEASE.rpartition("\n")[0], "declares 20 rows"),
    "missing value": (RELEASE.replace("000003.jpg   1", "000003.jpg", 1), ""),
    "extra value": (RELEASE.replace("000003.jpg", "000003.jpg  1", 1), ""),
    "value that is not allowed": (
        RELEASE.replace("000003.jpg   1", "000003.jpg   7", 1),
        "000003.jpg",
    ),
    "missing heading": (RELEASE.replace("Bit_3 ", "", 1), ""),
    "extra heading": (RELEASE.replace("Bit_3", "Bit_3 Bit_9", 1), ""),
    "repeated heading": (RELEASE.replace("Bit_3", "Bit_2", 1), "Bit_2"),
    "no headings": ("\n".join([str(COUNT), *RELEASE.splitlines()[2:]]), ""),
    "no number of rows": (RELEASE.partition("\n")[2], ""),
    "unknown image": (RELEASE.replace("000003.jpg", "000333.jpg"), "000333.jpg"),
    "only the number of rows": (f"{COUNT}\n", "empty"),
}


@pytest.mark.parametrize("name", BAD_RELEASES)
def test_bad_tables_of_the_release_are_rejected(name: str, tmp_path: Path) -> None:
    content, problem = BAD_RELEASES[name]
    archive = Archive()
    archive.tables["list_attr_celeba.txt"] = content.encode()
    del archive.tables[TABLE]
    archive.write(tmp_path / "mine.zip")
    expect_faces_error(tmp_path, "archive", "mine.zip", "mine.zip: list_attr_celeba.txt: ", problem)
