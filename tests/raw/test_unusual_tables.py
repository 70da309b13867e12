"""Tables that other programs write, and messages that name the line of a problem."""

import pytest

from latent.errors import InputError
from latent.raw.celeba.tables import read_attributes, read_partition

IMAGES = ["a.jpg", "b/1.png", "b/2.png", "c/1.png"]
ROWS = ["a.jpg,1", "b/1.png,0", "b/2.png,1", "c/1.png,0"]
TRUTHS = [True, False, True, False]
PARTS = ["train", "test", "validation", "train"]


def table(*rows: str, heading: str = "image_id,Smiling") -> str:
    return "\n".join([heading, *(rows or ROWS)]) + "\n"


def numbered(first: str) -> str:
    """Return the table with a column of row numbers, as pandas writes it."""
    rows = [f"{number},{row}" for number, row in enumerate(ROWS)]
    return table(*rows, heading=f"{first},image_id,Smiling")


def smiling(content: str | bytes, images: list[str] = IMAGES) -> list[bool]:
    found = read_attributes(content.encode() if isinstance(content, str) else content, "t", images)
    assert list(found) == ["Smiling"]
    assert list(found.index) == images
    return found["Smiling"].to_list()


def get_error(content: str | bytes, images: list[str] = IMAGES) -> str:
    with pytest.raises(InputError) as caught:
        read_attributes(content.encode() if isinstance(content, str) else content, "t", images)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("t: ")
    return message.removeprefix("t: ")


SEMICOLONS = table().replace(",", ";")

READABLE = {
    "declared semicolon": "sep=;\n" + SEMICOLONS,
    "declared and padded": "sep=;;\r\n" + SEMICOLONS.replace("\n", "\r\n"),
    "declared in quotes": '"sep=,"\n' + table(),
    "declared colon": "SEP=:\n" + table().replace(",", ":"),
    "vertical bars": table().replace(",", "|"),
    "rows of semicolons": SEMICOLONS + ";\n;\n",
    "longer rows of semicolons": SEMICOLONS + ";;;\n ; ;\n",
    "row of semicolons in the middle": SEMICOLONS.replace("b/1", ";\n\nb/1"),
    "row numbers": numbered(""),
    "row numbers with a heading of pandas": numbered("Unnamed: 0"),
    "row numbers, separated by tabs": numbered("").replace(",", "\t"),
    "images without a heading": table(heading=",Smiling"),
    "comma at the end": table().replace("\n", ",\n"),
    "heading of the images in another case": table(heading="IMAGE_ID,Smiling"),
    "file": table(heading="file,Smiling"),
    "Filename": table(heading="Filename,Smiling"),
    "image": table(heading="image,Smiling"),
    "another order of the columns": table("1,a.jpg", "0,b/1.png", "1,b/2.png", "0,c/1.png",
                                          heading="Smiling,path"),
    "decimals": table().replace(",1", ",1.0").replace(",0", ",0.00"),
    "decimals with signs": table().replace(",1", ",1.0").replace(",0", ",-1.0"),
    "yes and no": table().replace(",1", ", Yes").replace(",0", ",NO"),
    "letters": table().replace(",1", ",T").replace(",0", ",F"),
    "names that begin with a dot": table().replace("a.jpg", "./a.jpg").replace("b/", "./b/"),
    "backslashes": table().replace("b/", "b\\").replace("c/", ".\\c\\"),
    "names in another case": table().replace(".jpg", ".JPG").replace("b/", "B/"),
    "names without extension": table().replace(".jpg", "").replace(".png", ""),
    "file names in another case without extension": table("A,1", "b/1,0", "2,1", "C/1,0"),
}  # fmt: skip


@pytest.mark.parametrize("name", READABLE)
def test_tables_of_other_programs(name: str) -> None:
    assert smiling(READABLE[name]) == TRUTHS


def test_names_may_leave_out_folders() -> None:
    images = ["pics/a/1.jpg", "pics/b/1.jpg"]
    assert smiling(table("a/1.jpg,1", "b/1.jpg,0"), images) == [True, False]
    assert "line 2: 1.jpg is the name of more than one image" in get_error(
        table("1.jpg,1", "b/1.jpg,0"), images
    )


def test_exact_names_have_precedence() -> None:
    # The last name of each table is not exact. If all were, no rule would be needed.
    for *images, last in (
        ["A.jpg", "a.jpg", "B.jpg"],
        ["a", "a.jpg", "B.jpg"],
        ["1.jpg", "b/1.jpg", "B.jpg"],
        ["a\\c.jpg", "a/c.jpg", "B.jpg"],
        [" c.jpg", "c.jpg", "B.jpg"],
    ):
        rows = [f"{image},{number}" for number, image in enumerate(images)]
        assert smiling(table(*rows, "b.jpg,1"), [*images, last]) == [False, True, True]


@pytest.mark.parametrize(
    ("images", "name"), [(["a.jpg", "A.jpg"], "A.JPG"), (["a.jpg", "a.png"], "a")]
)
def test_names_that_fit_two_images_are_rejected(images: list[str], name: str) -> None:
    message = get_error(table(f"{name},1"), images)
    assert message == f"line 2: {name} is the name of more than one image; add the folder"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            "sep=;\n" + SEMICOLONS.replace("b/1.png;0", "b/1.png;"),
            "line 4: column Smiling: b/1.png has ''; allowed are -1 and 1, or 0 and 1, or false "
            "and true, or no and yes",
        ),
        (
            "\n\n" + table().replace("c/1.png,0", "\n,\nc/1.png,x"),
            "line 9: column Smiling: c/1.png has 'x'; allowed are",
        ),
        ('image_id,Smiling\n"a\nb.jpg",1\nc.jpg,x\n', "line 4: column Smiling: c.jpg has 'x'"),
        ("2\nSmiling\na.jpg 1\n\nb/1.png x\n", "line 5: column Smiling: b/1.png has 'x'"),
        (table("a.jpg,1,", *ROWS[1:]), "line 2: this row has 3 cells, but the first row has 2: a"),
        (table(heading="image_id,Smiling,"), "line 2: this row has 2 cells, but the first row has"),
        (
            table("a.jpg,1", ",,", "", ",,,", "b/1.png", ROWS[2]),
            "line 6: this row has 1 cells, but",
        ),
        (table().replace("/1.png,0", "/1.png,no"), "line 3: column Smiling mixes 1, no: b/1.png"),
        (table(*ROWS[:3], "c/1.png,yes"), "line 5: column Smiling mixes 0, 1, yes: c/1.png has"),
        (
            table(heading="foto,Smiling"),
            "has no column image_id with the names of the images; rename it; the headings are "
            "foto, Smiling",
        ),
        (table(heading="file,path"), "has more than one column image_id (file, path); exactly one"),
        (numbered("").replace("2,b/2", "1,b/2"), "column 1 has no heading; add one or delete the"),
        (table(*[f"{row},1" for row in ROWS], heading="image_id,Smiling,"), "column 3 has no head"),
        (table(*ROWS, "d.jpg,1"), "line 6: contains a row for 'd.jpg', but there is no such image"),
        (
            table(ROWS[0], "d.jpg,1", *ROWS[1:], "e.jpg,1"),
            "line 3: contains a row for 'd.jpg', but there is no such image (2 rows cannot be "
            "used)",
        ),
        (
            table(*ROWS, ROWS[1], ROWS[1]),
            "line 6: contains more than one row for b/1.png (2 rows cannot be used)",
        ),
        (table(*ROWS, "A.JPG,1"), "line 6: contains more than one row for a.jpg"),
        (table(*ROWS[:1]), "has 1 rows for 4 images; b/1.png has no row"),
        (
            table(heading="image_id,Größe").encode("cp1252"),
            "line 1 is not valid UTF-8, perhaps 'Größe' in Windows-1252; save the table as UTF-8",
        ),
        (
            table(*ROWS, "ä b.jpg,1").encode("cp1252"),
            "line 6 is not valid UTF-8, perhaps 'ä b.jpg' in Windows-1252; save the table as UTF-8",
        ),
        (b"PK\x03\x04\x14\0\6\0", "not text but a spreadsheet; save the table as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "not text but a spreadsheet; save the table as CSV"),
        (
            "<!DOCTYPE html>\n<title>Sign in</title>",
            "not a table; the file is a web page: “Sign in”",
        ),
        (
            table(heading="image_id,member"),
            "'member' is not a valid attribute name: member and par",
        ),
        (table(heading="image_id,.Smiling"), "'.Smiling' is not a valid attribute name: allowed"),
        (table(heading="image_id,a/b"), "'a/b' is not a valid attribute name: allowed are up to"),
    ],
    ids=str,
)
def test_messages_name_the_line_and_the_cause(content: str | bytes, problem: str) -> None:
    message = get_error(content)
    assert message.startswith(problem)


@pytest.mark.parametrize("name", ["label", "mean", "split", "Größe", "日本" * 50, "x" * 100])
def test_names_of_attributes(name: str) -> None:
    content = table(heading=f"image_id,{name}").encode()
    assert read_attributes(content, "t", IMAGES)[name].to_list() == TRUTHS


def test_names_of_attributes_have_no_spaces_around_them_and_one_unicode_form() -> None:
    content = table(heading="image_id, Gro\u0308ße ").encode()
    assert list(read_attributes(content, "t", IMAGES)) == ["Größe"]


# Partitions

WORDS = "a.jpg,train\nb/1.png,Test\nb/2.png,validation\nc/1.png,TRAIN\n"


@pytest.mark.parametrize(
    "content",
    [
        WORDS,
        WORDS.replace(",", " "),
        WORDS.replace("validation", "val"),
        "image_id,split\n" + WORDS,
        "Image_ID;PARTITION\n" + WORDS.replace(",", ";"),
        "file\ttest\n" + WORDS.replace(",", "\t"),
        "a.jpg,0.0\nb/1.png,2.0\nb/2.png,1.0\nc/1.png,0.0\n",
        ",partition\na.jpg,0\nb/1.png,2\nb/2.png,1\nc/1.png,0\n",
        ",image_id,partition\n0,a.jpg,0\n1,b/1.png,2\n2,b/2.png,1\n3,c/1.png,0\n",
        "image_id,partition\nA,0\nb\\1.png,2\n2,1\n./c/1.png,0\n,\n",
    ],
)
def test_partitions_of_other_programs(content: str) -> None:
    assert read_partition(content.encode(), "t", IMAGES) == PARTS


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (WORDS.replace("Test", "tset"), "line 2: b/1.png has 'tset'; allowed are 0 (train), 1"),
        ("image_id,x\n" + WORDS.replace("Test", ""), "line 3: b/1.png has ''; allowed are 0"),
        (WORDS.replace("Test", "train"), "assigns no images to the test split; 0 is train and 2"),
        (WORDS.replace("train", "1").replace("TRAIN", "1"), "assigns no images to the train split"),
        (WORDS + "d.jpg,train\n", "line 5: contains a row for 'd.jpg', but there is no such image"),
    ],
)
def test_bad_partitions_are_rejected(content: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        read_partition(content.encode(), "t", IMAGES)
    assert str(caught.value).startswith(f"t: {problem}")
