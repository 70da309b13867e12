"""Tables of attributes and partitions that do not fit: one clear error, or every row right."""

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
    partition,
    partition_of,
    picture,
    rows,
    stripes,
)
from runs import check_faces, refuse_faces, run_faces, used

from latent.io.dataset import read_split

pytestmark = pytest.mark.usefixtures("patience")

TABLE, PARTITION = "list_attr_celeba.csv", "list_eval_partition.csv"
NUMBERS = used({file_name(n): n for n in range(COUNT)})
GOOD, PARTS = attributes(), partition()
FIRST, SECOND = GOOD.splitlines()[1:3]


def cell(number: int, bit: int, value: str) -> str:
    """Return the table of attributes with another value in one place."""
    parts = attribute_row(number).split(",")
    parts[1 + bit] = value
    return GOOD.replace(attribute_row(number), ",".join(parts))


def heading(old: str, new: str) -> str:
    return GOOD.replace(old, new, 1)


def part(number: int, value: str) -> str:
    return PARTS.replace(
        f"{file_name(number)},{partition_of(number)}", f"{file_name(number)},{value}"
    )


BAD_ATTRIBUTES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "empty"),
    "of blank lines": ("\n\r\n \n", "empty"),
    "of headings alone": (GOOD.splitlines()[0] + "\n", "0 rows"),
    "without headings": (GOOD.partition("\n")[2], "column -1"),
    "without a column of images": (heading("image_id", "picture"), "no column image_id"),
    "with another case of it": (heading("image_id", "Image_ID"), "no column image_id"),
    "with two columns of images": (heading("Bit_0", "image_id"), "more than one column image_id"),
    "with a column twice": (heading("Bit_0", "Bit_1"), "more than one column Bit_1"),
    "with a column without heading": (heading("Bit_0", ""), "column 2 has no heading"),
    "with a column of blanks for heading": (heading("Bit_0", "  "), "column 2 has no heading"),
    "with a heading that is taken": (heading("Bit_0", "partition"), "partition"),
    "with a heading that is a path": (heading("Bit_0", "../../Bit"), "../../Bit"),
    "with a heading that is a command": (heading("Bit_0", "$(reboot)"), "$(reboot)"),
    "with a heading of two lines": (heading("Bit_0", '"Bit\n0"'), "attribute's name"),
    "with a heading of 1,000 letters": (heading("Bit_0", "B" * 1000), "attribute's name"),
    "with an empty cell": (cell(3, 1, ""), "Bit_1: 000003.jpg"),
    "with NaN": (cell(3, 1, "NaN"), "Bit_1: 000003.jpg"),
    "with a number that is none": (cell(3, 1, "2"), "Bit_1: 000003.jpg"),
    "with a fraction": (cell(3, 1, "0.5"), "Bit_1: 000003.jpg"),
    "with a word": (cell(3, 1, "yes"), "Bit_1: 000003.jpg"),
    "with a formula": (cell(3, 1, "=1+1"), "Bit_1: 000003.jpg"),
    "with a zero among signs": (cell(3, 1, "0"), "Bit_1 mixes -1, 0, 1"),
    "with a true among signs": (cell(3, 1, "true"), "Bit_1 mixes"),
    "with a minus of typographers": (cell(3, 1, "−1"), "Bit_1: 000003.jpg"),
    "with a line too few": (GOOD.replace(f"{SECOND}\n", ""), "none for 000001.jpg"),
    "with a line too many": (GOOD + attribute_row(99) + "\n", "000099.jpg"),
    "with a line twice": (GOOD + SECOND + "\n", "000001.jpg twice"),
    "with an image twice and one not at all": (
        GOOD.replace("000001.jpg", "000002.jpg"),
        "000002.jpg twice",
    ),
    "with an image that has no name": (GOOD.replace("000001.jpg", ""), "no such image"),
    "with an image by another ending": (GOOD.replace("000001.jpg", "000001.png"), "000001.png"),
    "with images by their numbers": (GOOD.replace(".jpg", ""), "000000"),
    "with a line cut off": (GOOD.replace(SECOND, SECOND[:16]), "row"),
    "with a cell too many": (GOOD.replace(SECOND, f"{SECOND},1"), "row"),
    "cut in the middle": (GOOD[: len(GOOD) // 2], ""),
    "with a quote that does not end": (GOOD.replace("000001.jpg", '"000001.jpg'), ""),
    "of commas in the headings alone": (GOOD.replace(",", ";").replace(";", ",", BITS), ""),
    "with Latin-1 in a heading": (heading("Bit_0", "Größe").encode("latin-1"), "line 1"),
    "with Latin-1 in a name": (GOOD.replace("000001", "é").encode("latin-1"), "line 3"),
    "with zeros": (GOOD.encode() + bytes(100), "line 22"),
    "of UTF-16 that does not say so": (GOOD.encode("utf-16-le"), "no text"),
    "of UTF-32": (GOOD.encode("utf-32"), ""),
    "of half a UTF-16": (GOOD.encode("utf-16")[:-1], "line"),
    "a web page": ("<!DOCTYPE html>\n<html><body>404</body></html>\n", ""),
    "JSON": ('[{"image_id": "000000.jpg", "Bit_0": 1}]', ""),
    "a spreadsheet": (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xff\xff", ""),
    "a picture": (picture(3), ""),
    "noise": (bytes(range(256)) * 20, ""),
    "escapes of a terminal": (heading("Bit_0", "\x1b[2J\x07"), r"\x1b"),
    "one line of 1,000,000 letters": ("x" * 1_000_000, ""),
    "10,000 columns": ("image_id," + ",".join(f"A{n}" for n in range(10_000)), ""),
}

BAD_PARTITIONS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "empty"),
    "of headings alone": ("image_id,partition\n", ""),
    "with a part that is none": (part(3, "3"), "000003.jpg"),
    "with a negative part": (part(3, "-1"), "000003.jpg"),
    "with a fraction": (part(3, "0.0"), "000003.jpg"),
    "with a word": (part(3, "train"), "000003.jpg"),
    "with NaN": (part(3, "nan"), "000003.jpg"),
    "with an empty cell": (part(3, ""), "000003.jpg"),
    "with a huge number": (part(3, "9" * 400), "000003.jpg"),
    "with a line too few": (PARTS.replace("000003.jpg,0\n", ""), "000003.jpg"),
    "with a line too many": (PARTS + "000099.jpg,0\n", "000099.jpg"),
    "with a line twice": (PARTS + "000003.jpg,2\n", "000003.jpg twice"),
    "with a third column": (
        PARTS.replace("\n", ",1\n").replace("partition,1", "partition,x"),
        "two",
    ),
    "with one column": (rows("image_id", file_name), "two columns"),
    "of other headings": (PARTS.replace("image_id,partition", "a,b"), "two columns"),
    "of attributes": (GOOD, "two columns"),
    "all to train on": (rows("image_id,partition", lambda n: f"{file_name(n)},0"), "test"),
    "all held out": (rows("image_id,partition", lambda n: f"{file_name(n)},2"), "train"),
    "all to validate with": (rows("image_id,partition", lambda n: f"{file_name(n)},1"), "train"),
    "of another encoding": (PARTS.replace("000003", "ü").encode("latin-1"), "line 5"),
    "a picture": (encode(stripes(1), "PNG"), ""),
}


def write(root: Path, table: str, content: str | bytes) -> None:
    archive = Archive()
    archive.tables[table] = content if isinstance(content, bytes) else content.encode()
    archive.write(root / "mine.zip")


@pytest.mark.parametrize("name", BAD_ATTRIBUTES)
def test_attributes_that_do_not_fit_are_refused(name: str, tmp_path: Path) -> None:
    content, said = BAD_ATTRIBUTES[name]
    write(tmp_path, TABLE, content)
    refuse_faces(tmp_path, "archive", "mine.zip", f"mine.zip: {TABLE}: ", said)


@pytest.mark.parametrize("name", BAD_PARTITIONS)
def test_partitions_that_do_not_fit_are_refused(name: str, tmp_path: Path) -> None:
    content, said = BAD_PARTITIONS[name]
    write(tmp_path, PARTITION, content)
    named = "partition" if said in ("train", "test") else f"mine.zip: {PARTITION}: "
    refuse_faces(tmp_path, "archive", "mine.zip", named, said)


# Tables of the user's own beside images, which take the same ways


def own_images(root: Path) -> Path:
    for number in range(COUNT):
        path = root / "mine" / file_name(number)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture(number))
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
    "a byte order mark": codecs.BOM_UTF8 + GOOD.encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "lines of Windows": GOOD.replace("\n", "\r\n"),
    "UTF-16 of Windows": GOOD.replace("\n", "\r\n").encode("utf-16"),
    "no end of the last line": GOOD.rstrip("\n"),
    "blank lines at the end": GOOD + "\n\n\r\n",
    "semicolons": attributes(";"),
    "tabs": attributes("\t"),
    "spaces": RELEASE,
    "quotes": '"' + GOOD.strip().replace(",", '","').replace("\n", '"\n"') + '"\n',
    "spaces around values": GOOD.replace(",", " , "),
    "lines in another order": reorder(GOOD),
    "columns in another order": swap_columns(GOOD),
    "zeros and ones": attributes(truths=("0", "1")),
    "words": attributes(truths=("false", "True")),
    "words of any case": attributes(truths=("FALSE", "TRUE")),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_tables_of_any_kind_describe_their_images(name: str, tmp_path: Path) -> None:
    content = UNUSUAL[name]
    table = content if isinstance(content, bytes) else content.encode()
    (own_images(tmp_path) / "attributes.csv").write_bytes(table)
    folder = run_faces(tmp_path, "folder", "mine")
    check_faces(folder, {file_name(n): n for n in range(COUNT)}, {})
    assert list(read_split(folder, "train").table.columns) in (
        ["image_id", *ATTRIBUTES],
        ["image_id", *reversed(ATTRIBUTES)],
    )


@pytest.mark.parametrize("name", [name for name in BAD_ATTRIBUTES if ",000" not in name])
def test_own_attributes_that_do_not_fit_are_refused(name: str, tmp_path: Path) -> None:
    content, said = BAD_ATTRIBUTES[name]
    table = content if isinstance(content, bytes) else content.encode()
    (own_images(tmp_path) / "attributes.csv").write_bytes(table)
    refuse_faces(tmp_path, "folder", "mine", "mine: attributes.csv: ", said)


BAD_RELEASES: dict[str, tuple[str, str]] = {
    "another number of rows": (RELEASE.replace(str(COUNT), "202599", 1), "202599"),
    "a row too few": (RELEASE.rpartition("\n")[0], "promises 20"),
    "a value too few": (RELEASE.replace("000003.jpg   1", "000003.jpg", 1), ""),
    "a value too many": (RELEASE.replace("000003.jpg", "000003.jpg  1", 1), ""),
    "a value that is none": (RELEASE.replace("000003.jpg   1", "000003.jpg   7", 1), "000003.jpg"),
    "a heading too few": (RELEASE.replace("Bit_3 ", "", 1), ""),
    "a heading too many": (RELEASE.replace("Bit_3", "Bit_3 Bit_9", 1), ""),
    "a heading twice": (RELEASE.replace("Bit_3", "Bit_2", 1), "Bit_2"),
    "no headings": ("\n".join([str(COUNT), *RELEASE.splitlines()[2:]]), ""),
    "no number": (RELEASE.partition("\n")[2], ""),
    "an unknown image": (RELEASE.replace("000003.jpg", "000333.jpg"), "000333.jpg"),
    "a number alone": (f"{COUNT}\n", "empty"),
}


@pytest.mark.parametrize("name", BAD_RELEASES)
def test_tables_of_the_release_that_do_not_fit_are_refused(name: str, tmp_path: Path) -> None:
    content, said = BAD_RELEASES[name]
    archive = Archive()
    archive.tables["list_attr_celeba.txt"] = content.encode()
    del archive.tables[TABLE]
    archive.write(tmp_path / "mine.zip")
    refuse_faces(tmp_path, "archive", "mine.zip", "mine.zip: list_attr_celeba.txt: ", said)
