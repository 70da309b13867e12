"""Tables that have other names or are in other folders: read, or named in a warning."""

import json
import logging
from pathlib import Path

import pytest
from making import (
    ATTRIBUTES,
    COUNT,
    TEST,
    VALIDATION,
    Archive,
    attributes,
    file_name,
    image_bytes,
    partition,
)
from runs import check_faces, expect_faces_error, run_faces, without_validation

from latent.io.dataset import read_split

pytestmark = pytest.mark.usefixtures("patience")

NUMBERS = {file_name(number): number for number in range(COUNT)}
LIST_ATTR, LIST_EVAL = "list_attr_celeba.csv", "list_eval_partition.csv"


def write_images(root: Path, folder: str = "") -> Path:
    path = root / "mine" / folder
    path.mkdir(parents=True)
    for number in range(COUNT):
        (path / file_name(number)).write_bytes(image_bytes(number))
    return root / "mine"


def write_archive(root: Path, **tables: str) -> None:
    """Write an archive without tables, and files next to it or in it."""
    Archive(tables={name: table.encode() for name, table in tables.items()}).write(
        root / "mine.zip"
    )


def read_attributes(folder: Path) -> list[str]:
    """Return the names of the attributes. `check_faces` checks their values."""
    return list(read_split(folder, "train").table.columns)[1:]


@pytest.mark.parametrize(
    "name",
    [
        "attributes.tsv",
        "attributes.txt",
        "Attributes.CSV",
        "attributes.csv.csv",
        "attributes.csv.txt",
        "pics/attributes.csv",
        "pics/tables/List_Attr_CelebA.txt",
    ],
)
def test_attributes_in_a_folder_are_found(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_images(tmp_path, "pics") / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(attributes("\t"))
    folder = run_faces(tmp_path, "folder", "mine")
    check_faces(folder, {f"pics/{name}": number for name, number in NUMBERS.items()}, {})
    assert read_attributes(folder) == list(ATTRIBUTES)
    assert not caplog.records


def test_partition_in_a_subfolder_with_words(tmp_path: Path) -> None:
    (write_images(tmp_path) / "more").mkdir()
    parts = ("train", "validation", "test")
    lines = [row.split(",") for row in partition().splitlines()[1:]]
    text = "\n".join(f"{name}\t{parts[int(part)]}" for name, part in lines)
    (tmp_path / "mine/more/Partition.tsv").write_text(text)
    folder = run_faces(tmp_path, "folder", "mine")
    check_faces(folder, without_validation(NUMBERS), {})
    assert read_split(folder, "test").table["image_id"].to_list() == [file_name(n) for n in TEST]
    record = json.loads((folder / "dataset.json").read_text())
    assert record["left_out"] == {"validation": len(VALIDATION)}


def test_table_in_the_top_folder_has_precedence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_images(tmp_path)
    (path / "old").mkdir()
    (path / "old/attributes.csv").write_text("image_id,Old\n")
    (path / "attributes.csv").write_text(attributes())
    assert read_attributes(run_faces(tmp_path, "folder", "mine")) == list(ATTRIBUTES)
    assert "not read as tables: old/attributes.csv; attributes are read from" in caplog.text


def test_two_tables_in_subfolders_are_rejected(tmp_path: Path) -> None:
    for name in ("a/attributes.csv", "b/Attributes.tsv"):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True)
        path.write_text(attributes())
    (tmp_path / "mine/1.jpg").write_bytes(image_bytes(1))
    problem = "contains both a/attributes.csv and b/Attributes.tsv; only one is allowed"
    expect_faces_error(tmp_path, "folder", "mine", "mine: ", problem)


@pytest.mark.parametrize(
    "name",
    ["attributes.xlsx", "labels.csv", "attributes (1).csv", "my_attributes.json", "sub/split.txt"],
)
def test_files_that_may_be_tables_have_their_own_warning(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_images(tmp_path) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(attributes())
    (tmp_path / "mine/notes.md").write_text("notes")
    with caplog.at_level(logging.WARNING):
        assert read_attributes(run_faces(tmp_path, "folder", "mine")) == []
    tables, others = (record.getMessage() for record in caplog.records)
    assert tables == (
        f"{tmp_path / 'mine'}: not read as tables: {name}; attributes are read from attributes.csv "
        "and a partition from partition.csv, both also with .tsv or .txt"
    )
    assert "ignored 1 files" in others
    assert "notes.md" in others


# Tables of an archive


@pytest.mark.parametrize("inside", [True, False], ids=["in the archive", "next to it"])
@pytest.mark.parametrize("kind", [".tsv", ".CSV", ".csv.csv"])
def test_tables_of_an_archive_are_found(
    kind: str, inside: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tables = {f"List_Attr_CelebA{kind}": attributes(), f"list_eval_partition{kind}": partition()}
    write_archive(tmp_path, **(tables if inside else {}))
    for name, table in tables.items() if not inside else ():
        (tmp_path / name).write_text(table)
    folder = run_faces(tmp_path, "archive", "mine.zip")
    check_faces(folder, without_validation(NUMBERS), {})
    assert read_attributes(folder) == list(ATTRIBUTES)
    assert not caplog.records


def test_archive_without_attributes_has_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Archive(tables={"attributes.csv": attributes().encode()})
    archive.tables[LIST_EVAL] = (partition() + "label 1.jpg,1\n").encode()
    archive.images["label 1.jpg"] = image_bytes(1)
    archive.write(tmp_path / "mine.zip")
    folder = run_faces(tmp_path, "archive", "mine.zip")
    assert read_attributes(folder) == []
    (record,) = caplog.records
    assert record.getMessage() == (
        f"{tmp_path / 'mine.zip'}: contains no list_attr_celeba.csv, so the images have no "
        "attributes; not read as a table: attributes.csv"
    )


def test_archive_without_partition_is_rejected(tmp_path: Path) -> None:
    write_archive(tmp_path, **{LIST_ATTR: attributes(), "splits.csv": partition()})
    problem = "contains no list_eval_partition.csv; not read as a table: splits.csv"
    expect_faces_error(tmp_path, "archive", "mine.zip", "mine.zip: ", problem)


@pytest.mark.parametrize("source", ["folder", "archive"])
def test_unusual_table_is_read_by_both_sources(source: str, tmp_path: Path) -> None:
    lines = attributes("|", ("no", "Yes")).replace(".jpg", "").splitlines()
    lines = [f"{number}|{line}" for number, line in enumerate(lines[1:])]
    header = "|Image|" + "|".join(ATTRIBUTES)
    table = "sep=|\r\n" + "\r\n".join([header, *lines, "||||||", ""])
    if source == "folder":
        (write_images(tmp_path) / "attributes.csv").write_text(table, newline="")
        expected = NUMBERS
    else:
        write_archive(tmp_path, **{LIST_ATTR: table, LIST_EVAL: partition()})
        expected = without_validation(NUMBERS)
    folder = run_faces(tmp_path, source, "mine" if source == "folder" else "mine.zip")
    check_faces(folder, expected, {})
    assert read_attributes(folder) == list(ATTRIBUTES)
