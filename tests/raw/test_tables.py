"""Reading tables of attributes and partitions in all supported formats."""

import codecs
import unicodedata

import pandas as pd
import pytest

from latent.errors import InputError
from latent.raw.celeba.tables import read_attributes, read_partition

IMAGES = ["a.jpg", "b/1.png", "b/2.png", "c/1.png"]
ROWS = (
    ("a.jpg", 1, -1),
    ("b/1.png", -1, -1),
    ("b/2.png", -1, 1),
    ("c/1.png", 1, 1),
)
EXPECTED = pd.DataFrame(
    {"Smiling": [True, False, False, True], "Old hat": [False, False, True, True]}, index=IMAGES
)


def make_table(separator: str = ",", truths: tuple[str, str] = ("-1", "1"), order: int = 1) -> str:
    """Return the table above as text. An `order` of -1 reverses its rows."""
    lines = [
        separator.join([name, *(truths[value > 0] for value in values)]) for name, *values in ROWS
    ]
    header = separator.join(["image_id", "Smiling", "Old hat"])
    return "\n".join([header, *lines[::order]]) + "\n"


def attributes(content: str | bytes, images: list[str] = IMAGES) -> pd.DataFrame:
    return read_attributes(content.encode() if isinstance(content, str) else content, "t", images)


def get_error(content: str | bytes, images: list[str] = IMAGES) -> str:
    with pytest.raises(InputError) as caught:
        attributes(content, images)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("t: ")
    return message.removeprefix("t: ")


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("separator", [",", ";", "\t", ", "])
@pytest.mark.parametrize(
    "truths",
    [
        ("-1", "1"),
        ("0", "1"),
        ("false", "true"),
        ("FALSE", "TRUE"),
        ("False", "true"),
        (" 0", "1 "),
    ],
)
def test_all_formats_give_same_attributes(
    truths: tuple[str, str], separator: str, order: int
) -> None:
    found = attributes(make_table(separator, truths, order))
    pd.testing.assert_frame_equal(found, EXPECTED)
    assert found.dtypes.astype(str).tolist() == ["bool", "bool"]


@pytest.mark.parametrize(
    "content",
    [
        make_table().replace("\n", "\r\n").encode(),
        make_table().replace("\n", "\r").encode(),
        codecs.BOM_UTF8 + make_table(";").encode(),
        codecs.BOM_UTF8 + make_table().replace("\n", "\r\n").encode(),
        make_table("\t").encode("utf-16"),
        codecs.BOM_UTF16_BE + make_table("\t").encode("utf-16-be"),
        make_table().rstrip("\n").encode(),
        b"\n\n" + make_table().encode() + b"\n\n",
        make_table().replace("a.jpg", '"a.jpg"').encode(),
    ],
    ids=["CRLF", "CR", "BOM", "BOM and CRLF", "UTF-16", "UTF-16 BE", "no end", "gaps", "quotes"],
)
def test_encodings_and_line_endings(content: bytes) -> None:
    pd.testing.assert_frame_equal(attributes(content), EXPECTED)


def test_table_separated_by_spaces() -> None:
    table = "2\nSmiling  Bald\nmy face.jpg  1 -1\nb.jpg   -1  1\n"
    found = attributes(table, ["b.jpg", "my face.jpg"])
    assert found.to_dict("list") == {"Smiling": [False, True], "Bald": [True, False]}
    with_headings = "image_id Smiling Bald\nmy face.jpg  1 -1\nb.jpg -1  1\n"
    pd.testing.assert_frame_equal(attributes(with_headings, ["b.jpg", "my face.jpg"]), found)


def test_images_are_found_by_unique_file_name() -> None:
    text = make_table().replace("b/2.png", "2.png")
    pd.testing.assert_frame_equal(attributes(text), EXPECTED)
    text = make_table().replace("b/1.png", "1.png")
    problem = "1.png is the name of more than one image; add the folder"
    assert get_error(text) == f"line 3: {problem}"


def test_unusual_names() -> None:
    images = ['a "b".jpg', "a,b.jpg", "two\nlines.jpg", unicodedata.normalize("NFC", "é 1.jpg")]
    decomposed = unicodedata.normalize("NFD", "é 1.jpg")
    text = f'image_id,x\n"a ""b"".jpg",1\n"a,b.jpg",0\n"two\nlines.jpg",0\n{decomposed},1\n'
    assert attributes(text, images)["x"].tolist() == [True, False, False, True]


def test_name_like_missing_value() -> None:
    assert attributes("image_id,x\nNA,1\nnan,0\n1,1\n001,0\n", ["001", "1", "NA", "nan"])[
        "x"
    ].tolist() == [False, True, True, False]


def test_table_without_attributes() -> None:
    found = attributes("image_id\n" + "\n".join(IMAGES))
    assert found.shape == (4, 0)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the table is empty"),
        ("\n \n", "the table is empty"),
        ("image_id,Smiling\n", "has 0 rows for 4 images; a.jpg has no row"),
        ("\x00\x01\x02", "line 1 is not text"),
        ("foto,Smiling\na.jpg,1\n", "has no column image_id with the names of the images"),
        (make_table().encode("utf-16-le"), "line 1 is not text"),
        (make_table().replace("Smiling", "Größe").encode("latin-1"), "line 1 is not valid UTF-8"),
        (make_table().encode() + "ü.jpg,1,1\n".encode("latin-1"), "line 6 is not valid UTF-8"),
        (
            make_table() + "d.jpg,1\n",
            "line 6: this row has 2 cells, but the first row has 3: d.jpg,1",
        ),
        (
            make_table() + "d.jpg,1,1,1\n",
            "line 6: this row has 4 cells, but the first row has 3: d.jpg,1,1,1",
        ),
        (make_table() + '"d.jpg,1,1\n', "line 6: this row has 1 cells, but the first row has 3"),
        (make_table() + "d.jpg,1,1\n", "contains a row for 'd.jpg', but there is no such image"),
        (make_table() + ",1,1\n", "contains a row for '', but there is no such image"),
        (make_table() + "a.jpg,1,-1\n", "contains more than one row for a.jpg"),
        (make_table().replace("b/1", "b/2"), "contains more than one row for b/2.png"),
        (
            make_table().replace("a.jpg,1", "a.jpg,maybe"),
            "column Smiling: a.jpg has 'maybe'; allowed are",
        ),
        (make_table().replace("a.jpg,1", "a.jpg,"), "column Smiling: a.jpg has ''; allowed are"),
        (
            make_table().replace("a.jpg,1", "a.jpg,NaN"),
            "column Smiling: a.jpg has 'NaN'; allowed are",
        ),
        (
            make_table().replace("a.jpg,1", "a.jpg,0"),
            "line 2: column Smiling mixes -1, 0, 1: a.jpg has '0'; allowed are",
        ),
        (
            make_table().replace("a.jpg,1", "a.jpg,true"),
            "line 2: column Smiling mixes -1, 1, true: a.jpg has 'true'; allowed are",
        ),
        (
            make_table().replace("a.jpg,1", "a.jpg,−1"),
            "column Smiling: a.jpg has '−1'; allowed are",
        ),
        (make_table().replace("Old hat", "Smiling"), "has more than one column Smiling"),
        (make_table().replace("Old hat", "image_id"), "has more than one column image_id"),
        (make_table().replace("Old hat", ""), "column 3 has no heading"),
        (make_table().replace("Old hat", "partition"), "'partition' is not a valid attribute name"),
        (make_table().replace("Old hat", "../hat"), "'../hat' is not a valid attribute name"),
        (make_table().replace("Old hat", "x" * 101), "is not a valid attribute name"),
        ("3\nSmiling\na.jpg 1\n", "the first line declares 3 rows, but there are 1"),
        ("4\n", "the table is empty"),
        (
            "1\nSmiling Bald\na.jpg 1\n",
            "line 3: this row has 2 cells, but the first row has 3",
        ),
    ],
    ids=str,
)
def test_bad_attributes_are_rejected(content: str | bytes, problem: str) -> None:
    assert problem in get_error(content)


def partition(content: str, images: list[str] = IMAGES) -> list[str]:
    return read_partition(content.encode(), "t", images)


@pytest.mark.parametrize(
    "content",
    [
        "image_id,partition\nc/1.png,1\nb/2.png,0\na.jpg,0\nb/1.png,2\n",
        "partition;image_id\n1;c/1.png\n0;b/2.png\n0;a.jpg\n2;b/1.png\n",
        "image_id,anything\nc/1.png, 1\nb/2.png,0\na.jpg,0\nb/1.png,2\n",
        "c/1.png 1\nb/2.png   0\na.jpg 0\nb/1.png 2\n",
        "4\nimage_id partition\nc/1.png 1\nb/2.png 0\na.jpg 0\nb/1.png 2\n",
        "c/1.png,1\nb/2.png,0\na.jpg,0\nb/1.png,2\n",
    ],
)
def test_partition_with_and_without_headings(content: str) -> None:
    assert partition(content) == ["train", "test", "train", "validation"]


def test_partition_with_spaces_in_names() -> None:
    assert partition("my face.jpg 2\nb 1 .jpg 0\n", ["b 1 .jpg", "my face.jpg"]) == [
        "train",
        "test",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("image_id,partition\na.jpg,3\n", "a.jpg has '3'; allowed are 0 (train), 1 (validation)"),
        ("image_id,partition\na.jpg,\n", "a.jpg has ''; allowed are"),
        ("image_id,partition\na.jpg,tset\n", "line 2: a.jpg has 'tset'; allowed are"),
        ("image_id,partition\na.jpg,0.5\n", "line 2: a.jpg has '0.5'; allowed are"),
        ("image_id,partition,more\na.jpg,0,0\n", "must have two columns, image_id and the"),
        ("image_id\na.jpg\n", "must have two columns"),
        ("foto,partition\na.jpg,0\n", "has no column image_id"),
        ("a.jpg\nb/1.png\n", "has no column image_id"),
        ("a.jpg 0\nb/1.png 0 0\n", "b/1.png 0"),
        ("image_id,partition\na.jpg,0\n", "has 1 rows for 4 images; b/1.png has no row"),
        ("", "the table is empty"),
    ],
)
def test_bad_partitions_are_rejected(content: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        partition(content)
    assert problem in str(caught.value)
