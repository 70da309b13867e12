"""Tables as people have them: every form says the same, and what is wrong is named."""

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


def written(separator: str = ",", truths: tuple[str, str] = ("-1", "1"), order: int = 1) -> str:
    """The table above with its lines in one of many orders."""
    lines = [
        separator.join([name, *(truths[value > 0] for value in values)]) for name, *values in ROWS
    ]
    header = separator.join(["image_id", "Smiling", "Old hat"])
    return "\n".join([header, *lines[::order]]) + "\n"


def attributes(content: str | bytes, images: list[str] = IMAGES) -> pd.DataFrame:
    return read_attributes(content.encode() if isinstance(content, str) else content, "t", images)


def refuse(content: str | bytes, images: list[str] = IMAGES) -> str:
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
def test_every_form_says_the_same(truths: tuple[str, str], separator: str, order: int) -> None:
    found = attributes(written(separator, truths, order))
    pd.testing.assert_frame_equal(found, EXPECTED)
    assert found.dtypes.astype(str).tolist() == ["bool", "bool"]


@pytest.mark.parametrize(
    "content",
    [
        written().replace("\n", "\r\n").encode(),
        written().replace("\n", "\r").encode(),
        codecs.BOM_UTF8 + written(";").encode(),
        codecs.BOM_UTF8 + written().replace("\n", "\r\n").encode(),
        written("\t").encode("utf-16"),
        codecs.BOM_UTF16_BE + written("\t").encode("utf-16-be"),
        written().rstrip("\n").encode(),
        b"\n\n" + written().encode() + b"\n\n",
        written().replace("a.jpg", '"a.jpg"').encode(),
    ],
    ids=["CRLF", "CR", "BOM", "BOM and CRLF", "UTF-16", "UTF-16 BE", "no end", "gaps", "quotes"],
)
def test_every_program_may_write_it(content: bytes) -> None:
    pd.testing.assert_frame_equal(attributes(content), EXPECTED)


def test_columns_of_text_between_spaces_may_have_their_count_above() -> None:
    text = "2\nSmiling  Bald\nmy face.jpg  1 -1\nb.jpg   -1  1\n"
    found = attributes(text, ["b.jpg", "my face.jpg"])
    assert found.to_dict("list") == {"Smiling": [False, True], "Bald": [True, False]}
    headed = "image_id Smiling Bald\nmy face.jpg  1 -1\nb.jpg -1  1\n"
    pd.testing.assert_frame_equal(attributes(headed, ["b.jpg", "my face.jpg"]), found)


def test_images_are_found_by_their_file_names_where_no_two_have_it() -> None:
    text = written().replace("b/2.png", "2.png")
    pd.testing.assert_frame_equal(attributes(text), EXPECTED)
    text = written().replace("b/1.png", "1.png")
    assert refuse(text) == "1.png is the name of more than one image"


def test_unusual_names_are_joined_as_they_are() -> None:
    images = ['a "b".jpg', "a,b.jpg", "two\nlines.jpg", unicodedata.normalize("NFC", "é 1.jpg")]
    decomposed = unicodedata.normalize("NFD", "é 1.jpg")
    text = f'image_id,x\n"a ""b"".jpg",1\n"a,b.jpg",0\n"two\nlines.jpg",0\n{decomposed},1\n'
    assert attributes(text, images)["x"].tolist() == [True, False, False, True]


def test_a_name_like_a_missing_value_is_a_name() -> None:
    assert attributes("image_id,x\nNA,1\nnan,0\n1,1\n001,0\n", ["001", "1", "NA", "nan"])[
        "x"
    ].tolist() == [False, True, True, False]


def test_a_table_of_names_alone_has_no_attributes() -> None:
    found = attributes("image_id\n" + "\n".join(IMAGES))
    assert found.shape == (4, 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("image_id,Smiling\n", "has 0 rows for 4 images, and none for a.jpg"),
        ("\x00\x01\x02", "line 1 is no text"),
        ("file,Smiling\na.jpg,1\n", "has no column image_id, which names the images"),
        (written().encode("utf-16-le"), "line 1 is no text"),
        (written().replace("Smiling", "Größe").encode("latin-1"), "line 1 is not in UTF-8"),
        (written().encode() + "ü.jpg,1,1\n".encode("latin-1"), "line 6 is not in UTF-8"),
        (written() + "d.jpg,1\n", "is no table: CSV parse error: Row #6: Expected 3 columns"),
        (written() + "d.jpg,1,1,1\n", "is no table: CSV parse error: Row #6: Expected 3 columns"),
        (written() + '"d.jpg,1,1\n', "is no table: "),
        (written() + "d.jpg,1,1\n", "names 'd.jpg', and there is no such image"),
        (written() + ",1,1\n", "names '', and there is no such image"),
        (written() + "a.jpg,1,-1\n", "names a.jpg twice"),
        (written().replace("b/1", "b/2"), "names b/2.png twice"),
        (
            written().replace("a.jpg,1", "a.jpg,maybe"),
            "column Smiling: a.jpg has 'maybe'; allowed are",
        ),
        (written().replace("a.jpg,1", "a.jpg,"), "column Smiling: a.jpg has ''; allowed are"),
        (written().replace("a.jpg,1", "a.jpg,NaN"), "column Smiling: a.jpg has 'NaN'; allowed are"),
        (written().replace("a.jpg,1", "a.jpg,0"), "column Smiling mixes -1, 0, 1; allowed are"),
        (
            written().replace("a.jpg,1", "a.jpg,true"),
            "column Smiling mixes -1, 1, true; allowed are",
        ),
        (written().replace("a.jpg,1", "a.jpg,−1"), "column Smiling: a.jpg has '−1'; allowed are"),
        (written().replace("Old hat", "Smiling"), "has more than one column Smiling"),
        (written().replace("Old hat", "image_id"), "has more than one column image_id"),
        (written().replace("Old hat", ""), "column 3 has no heading"),
        (written().replace("Old hat", "partition"), "'partition' cannot be an attribute's name"),
        (written().replace("Old hat", "../hat"), "'../hat' cannot be an attribute's name"),
        (written().replace("Old hat", "x" * 101), "cannot be an attribute's name"),
        ("3\nSmiling\na.jpg 1\n", "promises 3 rows and has 1"),
        ("4\n", "is empty"),
        ("1\nSmiling Bald\na.jpg 1\n", "is no table: CSV parse error: Row #2: Expected 3 columns"),
    ],
    ids=str,
)
def test_what_is_no_such_table_is_refused(content: str | bytes, said: str) -> None:
    assert said in refuse(content)


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
def test_a_partition_has_headings_or_none(content: str) -> None:
    assert partition(content) == ["train", "test", "train", "validation"]


def test_names_in_a_partition_may_hold_spaces() -> None:
    assert partition("my face.jpg 2\nb 1 .jpg 0\n", ["b 1 .jpg", "my face.jpg"]) == [
        "train",
        "test",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("image_id,partition\na.jpg,3\n", "a.jpg has '3'; allowed are 0 (train), 1 (validation)"),
        ("image_id,partition\na.jpg,\n", "a.jpg has ''; allowed are"),
        ("image_id,partition\na.jpg,test\n", "a.jpg has 'test'; allowed are"),
        ("image_id,partition\na.jpg,0.0\n", "a.jpg has '0.0'; allowed are"),
        ("image_id,partition,more\na.jpg,0,0\n", "must have two columns, image_id and the"),
        ("image_id\na.jpg\n", "must have two columns"),
        ("file,partition\na.jpg,0\n", "must have two columns"),
        ("a.jpg\nb/1.png\n", "must have two columns"),
        ("a.jpg 0\nb/1.png 0 0\n", "b/1.png 0"),
        ("image_id,partition\na.jpg,0\n", "has 1 rows for 4 images, and none for b/1.png"),
        ("", "is empty"),
    ],
)
def test_what_is_no_partition_is_refused(content: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        partition(content)
    assert said in str(caught.value)
