"""The layout of CelebA: tables joined to images by file name, or a reason why they are not."""

import zipfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pandas as pd
import pytest

from latent.data.celeba import open_archive, read_layout
from latent.errors import InputError

IMAGES = "img_align_celeba/img_align_celeba"
ATTRIBUTES = "list_attr_celeba.csv"
PARTITION = "list_eval_partition.csv"

# Neither table, nor the archive below, has the images in the order of their names.
SMALL = {
    f"{IMAGES}/000003.jpg": "third",
    f"{IMAGES}/000001.jpg": "first",
    f"{IMAGES}/000002.jpg": "second",
    ATTRIBUTES: (
        "image_id,Young,Bald,Smiling\n000002.jpg,-1,1,-1\n000003.jpg,-1,-1,1\n000001.jpg,1,-1,-1\n"
    ),
    PARTITION: "image_id,partition\n000003.jpg,0\n000002.jpg,2\n000001.jpg,1\n",
}


def pack(
    path: Path, changes: dict[str, str | bytes | None] | None = None, packing: int = ZIP_DEFLATED
) -> Path:
    """Write the small archive with some members changed, added, or (None) left out."""
    with ZipFile(path, "w", packing) as archive:
        for name, content in {**SMALL, **(changes or {})}.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def layout_of(path: Path) -> pd.DataFrame:
    with open_archive(path) as archive:
        return read_layout(archive)


def refuse(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        layout_of(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def table(*rows: str, header: str = "image_id,Smiling") -> str:
    return "".join(f"{line}\n" for line in (header, *rows))


def test_rows_are_joined_by_file_name(tmp_path: Path) -> None:
    layout = layout_of(pack(tmp_path / "faces.zip"))
    assert layout.to_dict("list") == {
        "image_id": ["000001.jpg", "000002.jpg", "000003.jpg"],
        "member": [f"{IMAGES}/00000{number}.jpg" for number in (1, 2, 3)],
        "partition": ["validation", "test", "train"],
        "Young": [True, False, False],
        "Bald": [False, True, False],
        "Smiling": [False, False, True],
    }
    assert list(layout) == ["image_id", "member", "partition", "Young", "Bald", "Smiling"]
    assert layout.dtypes[["Young", "Bald", "Smiling"]].astype(str).unique().tolist() == ["bool"]


@pytest.mark.parametrize("folder", ["", "celeba/", "a/b/c/"])
def test_folders_in_the_archive_do_not_matter(tmp_path: Path, folder: str) -> None:
    with ZipFile(tmp_path / "faces.zip", "w") as archive:
        for name, content in SMALL.items():
            archive.writestr(folder + name, content)
    layout = layout_of(tmp_path / "faces.zip")
    assert layout["member"].tolist()[0] == f"{folder}{IMAGES}/000001.jpg"
    assert layout["partition"].tolist() == ["validation", "test", "train"]


def test_what_macos_packs_beside_the_files_is_ignored(tmp_path: Path) -> None:
    junk: dict[str, str | bytes | None] = {
        f"__MACOSX/{IMAGES}/._000001.jpg": b"\0\5\x16\7",
        f"__MACOSX/._{ATTRIBUTES}": b"\0\5\x16\7",
        f"{IMAGES}/._000002.jpg": b"\0\5\x16\7",
        f"{IMAGES}/.DS_Store": b"\0",
    }
    with_junk, without = pack(tmp_path / "macos.zip", junk), pack(tmp_path / "faces.zip")
    pd.testing.assert_frame_equal(layout_of(with_junk), layout_of(without))


@pytest.mark.parametrize("packing", [ZIP_STORED, ZIP_DEFLATED], ids=["stored", "deflated"])
def test_tables_written_on_windows_are_the_same(tmp_path: Path, packing: int) -> None:
    changes: dict[str, str | bytes | None] = {
        name: b"\xef\xbb\xbf" + SMALL[name].replace("\n", "\r\n").encode()
        for name in (ATTRIBUTES, PARTITION)
    }
    windows = pack(tmp_path / "windows.zip", changes, packing)
    pd.testing.assert_frame_equal(layout_of(windows), layout_of(pack(tmp_path / "faces.zip")))


def test_images_of_the_same_name_are_refused(tmp_path: Path) -> None:
    message = refuse(pack(tmp_path / "faces.zip", {"more/000002.jpg": "another"}))
    assert message == f"{IMAGES}/000002.jpg and more/000002.jpg have the same name"


def test_archive_without_images_is_refused(tmp_path: Path) -> None:
    nothing = {name: None for name in SMALL if name.endswith(".jpg")}
    assert refuse(pack(tmp_path / "faces.zip", {**nothing})) == "holds no .jpg file"


@pytest.mark.parametrize("name", [ATTRIBUTES, PARTITION])
def test_missing_table_is_refused(tmp_path: Path, name: str) -> None:
    assert refuse(pack(tmp_path / "faces.zip", {name: None})) == f"holds no {name}"


def test_table_that_lacks_an_image_is_refused(tmp_path: Path) -> None:
    rows = table("000001.jpg,1", "000003.jpg,1")
    message = refuse(pack(tmp_path / "faces.zip", {ATTRIBUTES: rows}))
    assert message.startswith(f"{ATTRIBUTES} has 2 rows for 3 images; 000002.jpg ")


def test_table_of_an_image_that_is_not_there_is_refused(tmp_path: Path) -> None:
    rows = SMALL[PARTITION] + "000004.jpg,0\n"
    message = refuse(pack(tmp_path / "faces.zip", {PARTITION: rows}))
    assert message.startswith(f"{PARTITION} has 4 rows for 3 images; 000004.jpg ")


@pytest.mark.parametrize("name", ["", "7", "000004.jpg"])
def test_table_of_as_many_but_other_images_is_refused(tmp_path: Path, name: str) -> None:
    rows = table("000001.jpg,1", "000002.jpg,1", f"{name},1")
    message = refuse(pack(tmp_path / "faces.zip", {ATTRIBUTES: rows}))
    assert message.startswith(f"{ATTRIBUTES} has 3 rows for 3 images; 00000")


def test_table_of_numbers_is_refused(tmp_path: Path) -> None:
    message = refuse(pack(tmp_path / "faces.zip", {ATTRIBUTES: table("1,1", "2,1", "3,1")}))
    assert message.startswith(f"{ATTRIBUTES} has 3 rows for 3 images; 000001.jpg ")


@pytest.mark.parametrize("name", [ATTRIBUTES, PARTITION])
def test_image_named_twice_is_refused(tmp_path: Path, name: str) -> None:
    last = SMALL[name].splitlines()[-1]
    message = refuse(pack(tmp_path / "faces.zip", {name: f"{SMALL[name]}{last}\n"}))
    assert message == f"{name}: needs a column image_id that names each image once"


@pytest.mark.parametrize("name", [ATTRIBUTES, PARTITION])
def test_table_without_the_images_names_is_refused(tmp_path: Path, name: str) -> None:
    changes: dict[str, str | bytes | None] = {name: SMALL[name].replace("image_id", "file")}
    message = refuse(pack(tmp_path / "faces.zip", changes))
    assert message == f"{name}: needs a column image_id that names each image once"


@pytest.mark.parametrize("value", ["0", "2", "", "nan", "yes", "0.5"])
def test_attribute_that_is_neither_minus_one_nor_one_is_refused(tmp_path: Path, value: str) -> None:
    rows = SMALL[ATTRIBUTES].replace("000003.jpg,-1,-1,1", f"000003.jpg,-1,{value},1")
    assert rows != SMALL[ATTRIBUTES]
    message = refuse(pack(tmp_path / "faces.zip", {ATTRIBUTES: rows}))
    assert message == f"{ATTRIBUTES}: column Bald has values other than -1 and 1"


@pytest.mark.parametrize("value", ["3", "-1", "", "test", "0.5"])
def test_other_partition_is_refused(tmp_path: Path, value: str) -> None:
    rows = SMALL[PARTITION].replace("000002.jpg,2", f"000002.jpg,{value}")
    assert rows != SMALL[PARTITION]
    message = refuse(pack(tmp_path / "faces.zip", {PARTITION: rows}))
    assert message.startswith(f"{PARTITION} must have one column beside image_id, of 0 (train), ")


@pytest.mark.parametrize(
    ("header", "end"), [("image_id", ""), ("image_id,partition,again", ",0,0")]
)
def test_partition_of_another_width_is_refused(tmp_path: Path, header: str, end: str) -> None:
    rows = table(*(f"00000{number}.jpg{end}" for number in (1, 2, 3)), header=header)
    message = refuse(pack(tmp_path / "faces.zip", {PARTITION: rows}))
    assert message.startswith(f"{PARTITION} must have one column beside image_id")


@pytest.mark.parametrize(
    "content",
    [b"", table("000001.jpg,1", "000002.jpg,1,1,1"), "image_id,Größe\n".encode("latin-1")],
    ids=["empty", "ragged", "not UTF-8"],
)
def test_text_that_is_no_table_is_refused(tmp_path: Path, content: str | bytes) -> None:
    message = refuse(pack(tmp_path / "faces.zip", {ATTRIBUTES: content}))
    assert message.startswith(f"{ATTRIBUTES}: is no CSV table: ")


@pytest.mark.parametrize("packing", [ZIP_STORED, ZIP_DEFLATED], ids=["stored", "deflated"])
@pytest.mark.parametrize("name", [ATTRIBUTES, PARTITION])
def test_damaged_table_is_refused(tmp_path: Path, name: str, packing: int) -> None:
    path = pack(tmp_path / "faces.zip", packing=packing)
    with ZipFile(path) as archive:
        start = archive.getinfo(name).header_offset + 30 + len(name)
    content = bytearray(path.read_bytes())
    content[start] = 0x07  # as a deflated block: of a type that does not exist
    path.write_bytes(content)
    assert refuse(path).startswith(f"{name}: cannot be read: ")


def test_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "faces.zip")
    content = bytearray(path.read_bytes())
    entry = content.rfind(PARTITION.encode()) - 46
    assert content[entry : entry + 4] == b"PK\1\2"
    content[entry + 8] |= 1
    path.write_bytes(content)
    message = refuse(path)
    assert message.startswith(f"{PARTITION}: cannot be read: ")
    assert "password" in message


@pytest.mark.parametrize(
    "keep", [0, 100, -10], ids=["empty", "the beginning only", "without its end"]
)
def test_truncated_archive_is_refused(tmp_path: Path, keep: int) -> None:
    path = pack(tmp_path / "faces.zip")
    path.write_bytes(path.read_bytes()[:keep])
    assert refuse(path).startswith("is no readable zip file: ")


def test_archive_of_a_later_version_of_the_format_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "faces.zip")
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\1\2") + 6] = 200
    path.write_bytes(content)
    assert refuse(path).startswith("is no readable zip file: ")


def test_other_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "faces.tar").write_bytes(b"ustar" * 200)
    assert refuse(tmp_path / "faces.tar").startswith("is no readable zip file: ")


def test_missing_archive_is_refused(tmp_path: Path) -> None:
    message = refuse(tmp_path / "faces.zip")
    assert message.startswith("is no readable zip file: ")
    assert "No such file" in message


def test_folder_in_the_place_of_an_archive_is_refused(tmp_path: Path) -> None:
    assert refuse(tmp_path).startswith("is no readable zip file: ")


def test_reading_the_layout_leaves_the_archive_as_it_is(tmp_path: Path) -> None:
    path = pack(tmp_path / "faces.zip")
    before = path.read_bytes()
    layout_of(path)
    assert path.read_bytes() == before
    assert zipfile.is_zipfile(path)
    assert list(tmp_path.iterdir()) == [path]
