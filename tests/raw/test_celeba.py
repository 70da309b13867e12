"""Reading archives in the layout of CelebA, and joining tables to images by file name."""

import zipfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pandas as pd
import pytest

from latent.errors import InputError
from latent.raw.celeba.layout import open_archive, read_layout

IMAGES = "img_align_celeba/img_align_celeba"
ATTRIBUTES = "list_attr_celeba.csv"
PARTITION = "list_eval_partition.csv"

# The archive and both tables have different orders of the images.
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
    """Write the small archive with members changed, added or, with None, removed."""
    with ZipFile(path, "w", packing) as archive:
        for name, content in {**SMALL, **(changes or {})}.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def layout_of(path: Path) -> pd.DataFrame:
    with open_archive(path) as archive:
        return read_layout(archive)


def get_error(path: Path) -> str:
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
def test_outer_folders_in_archive_are_ignored(tmp_path: Path, folder: str) -> None:
    with ZipFile(tmp_path / "faces.zip", "w") as archive:
        for name, content in SMALL.items():
            archive.writestr(folder + name, content)
    layout = layout_of(tmp_path / "faces.zip")
    assert layout["member"].tolist()[0] == f"{folder}{IMAGES}/000001.jpg"
    assert layout["partition"].tolist() == ["validation", "test", "train"]


def test_metadata_of_macos_is_ignored(tmp_path: Path) -> None:
    metadata: dict[str, str | bytes | None] = {
        f"__MACOSX/{IMAGES}/._000001.jpg": b"\0\5\x16\7",
        f"__MACOSX/._{ATTRIBUTES}": b"\0\5\x16\7",
        f"{IMAGES}/._000002.jpg": b"\0\5\x16\7",
        f"{IMAGES}/.DS_Store": b"\0",
    }
    with_metadata, without = pack(tmp_path / "macos.zip", metadata), pack(tmp_path / "faces.zip")
    pd.testing.assert_frame_equal(layout_of(with_metadata), layout_of(without))


@pytest.mark.parametrize("packing", [ZIP_STORED, ZIP_DEFLATED], ids=["stored", "deflated"])
def test_tables_written_on_windows(tmp_path: Path, packing: int) -> None:
    changes: dict[str, str | bytes | None] = {
        name: b"\xef\xbb\xbf" + SMALL[name].replace("\n", "\r\n").encode()
        for name in (ATTRIBUTES, PARTITION)
    }
    windows = pack(tmp_path / "windows.zip", changes, packing)
    pd.testing.assert_frame_equal(layout_of(windows), layout_of(pack(tmp_path / "faces.zip")))


def test_images_of_same_name_are_rejected(tmp_path: Path) -> None:
    message = get_error(pack(tmp_path / "faces.zip", {"more/000002.jpg": "another"}))
    assert message == (
        f"{IMAGES}/000002.jpg and more/000002.jpg have the same name; names must be unique"
    )


def test_archive_without_images_is_rejected(tmp_path: Path) -> None:
    removed = {name: None for name in SMALL if name.endswith(".jpg")}
    message = get_error(pack(tmp_path / "faces.zip", {**removed}))
    assert message == "contains no images (.jpg, .jpeg, .jpe, .jfif, .png, .webp, .bmp)"


def test_folder_named_like_image_is_ignored(tmp_path: Path) -> None:
    layout = layout_of(pack(tmp_path / "faces.zip", {f"{IMAGES}/000004.jpg/": ""}))
    assert len(layout) == 3


@pytest.mark.parametrize("name", ["/000004.jpg", "../000004.jpg", "a/../../b.jpg", "C:\\4.jpg"])
def test_image_outside_archive_is_rejected(tmp_path: Path, name: str) -> None:
    message = get_error(pack(tmp_path / "faces.zip", {name: "an image"}))
    assert message.endswith(
        ": points outside the archive; only relative paths without '..' are allowed"
    )


def test_duplicate_member_is_rejected(tmp_path: Path) -> None:
    path = pack(tmp_path / "faces.zip")
    with ZipFile(path, "a") as archive, pytest.warns(UserWarning):
        archive.writestr(f"{IMAGES}/000001.jpg", "another")
    assert get_error(path) == f"contains {IMAGES}/000001.jpg 2 times; names must be unique"


def test_missing_partition_is_rejected(tmp_path: Path) -> None:
    message = get_error(pack(tmp_path / "faces.zip", {PARTITION: None}))
    assert message == f"contains no {PARTITION}"


def test_missing_table_gives_no_attributes(tmp_path: Path) -> None:
    layout = layout_of(pack(tmp_path / "faces.zip", {ATTRIBUTES: None}))
    assert list(layout) == ["image_id", "member", "partition"]
    assert layout["partition"].tolist() == ["validation", "test", "train"]


@pytest.mark.parametrize("name", [ATTRIBUTES, PARTITION])
def test_duplicate_table_is_rejected(tmp_path: Path, name: str) -> None:
    message = get_error(pack(tmp_path / "faces.zip", {f"older/{name}": SMALL[name]}))
    assert message == f"contains both {name} and older/{name}; only one is allowed"


# Image names


def test_image_names_are_paths_in_the_folder_of_images(tmp_path: Path) -> None:
    names = ["a/1.jpg", "b/1.PNG", "c.webp", "img_align_celeba/d.bmp"]
    with ZipFile(tmp_path / "faces.zip", "w") as archive:
        for name in names:
            archive.writestr(f"{IMAGES}/{name}", name)
        rows = [f"{name},{number % 3}" for number, name in enumerate(names)]
        archive.writestr(PARTITION, "\n".join(["image_id,partition", *rows]))
    layout = layout_of(tmp_path / "faces.zip")
    assert layout["image_id"].tolist() == names
    assert layout["member"].tolist() == [f"{IMAGES}/{name}" for name in names]
    assert layout["partition"].tolist() == ["train", "validation", "test", "train"]


@pytest.mark.parametrize("folder", ["", "photos/", "photos/of/2023/", "img_align_celeba/"])
def test_image_names_in_other_folders_are_file_names(tmp_path: Path, folder: str) -> None:
    changes = {name: None for name in SMALL if name.endswith(".jpg")}
    images = {f"{folder}00000{number}.jpg": "an image" for number in (1, 2, 3)}
    layout = layout_of(pack(tmp_path / "faces.zip", {**changes, **images}))
    assert layout["image_id"].tolist() == ["000001.jpg", "000002.jpg", "000003.jpg"]


# The release by the authors of CelebA

RELEASE = {
    "list_attr_celeba.txt": (
        "3\nYoung Bald Smiling \n000002.jpg -1  1 -1\n000003.jpg -1 -1  1\n000001.jpg  1 -1 -1\n"
    ),
    "list_eval_partition.txt": "000003.jpg 0\n000002.jpg 2\n000001.jpg 1\n",
}


@pytest.mark.parametrize("external", [False, True], ids=["in the archive", "next to it"])
def test_tables_of_the_release(tmp_path: Path, external: bool) -> None:
    images: dict[str, str | bytes | None] = {ATTRIBUTES: None, PARTITION: None}
    (tmp_path / "release").mkdir()
    path = pack(tmp_path / "release/faces.zip", images if external else {**images, **RELEASE})
    if external:
        for name, content in RELEASE.items():
            (path.parent / name).write_text(content)
    kaggle = pack(tmp_path / "kaggle.zip")
    pd.testing.assert_frame_equal(layout_of(path), layout_of(kaggle))


def test_tables_in_archive_have_precedence(tmp_path: Path) -> None:
    path = pack(tmp_path / "faces.zip")
    before = layout_of(path)
    for name in RELEASE:
        (tmp_path / name).write_text("no table")
    pd.testing.assert_frame_equal(layout_of(path), before)


# Bad tables: see also test_tables.py


def test_table_without_row_for_image_is_rejected(tmp_path: Path) -> None:
    rows = table("000001.jpg,1", "000003.jpg,1")
    message = get_error(pack(tmp_path / "faces.zip", {ATTRIBUTES: rows}))
    assert message == f"{ATTRIBUTES}: has 2 rows for 3 images; 000002.jpg has no row"


@pytest.mark.parametrize("name", [ATTRIBUTES, PARTITION])
def test_table_with_row_for_unknown_image_is_rejected(tmp_path: Path, name: str) -> None:
    line = SMALL[name].splitlines()[-1].replace("000001", "000004")
    message = get_error(pack(tmp_path / "faces.zip", {name: f"{SMALL[name]}{line}\n"}))
    assert message == f"{name}: line 5: contains a row for '000004.jpg', but there is no such image"


@pytest.mark.parametrize("packing", [ZIP_STORED, ZIP_DEFLATED], ids=["stored", "deflated"])
@pytest.mark.parametrize("name", [ATTRIBUTES, PARTITION])
def test_damaged_table_is_rejected(tmp_path: Path, name: str, packing: int) -> None:
    path = pack(tmp_path / "faces.zip", packing=packing)
    with ZipFile(path) as archive:
        start = archive.getinfo(name).header_offset + 30 + len(name)
    content = bytearray(path.read_bytes())
    content[start] = 0x07  # an invalid type of a deflated block
    path.write_bytes(content)
    assert get_error(path).startswith(f"{name}: cannot be read: ")


def test_encrypted_table_is_rejected(tmp_path: Path) -> None:
    path = pack(tmp_path / "faces.zip")
    content = bytearray(path.read_bytes())
    entry = content.rfind(PARTITION.encode()) - 46
    assert content[entry : entry + 4] == b"PK\1\2"
    content[entry + 8] |= 1
    path.write_bytes(content)
    message = get_error(path)
    assert message.startswith(f"{PARTITION}: cannot be read: ")
    assert "password" in message


@pytest.mark.parametrize("keep", [0, 100, -10], ids=["empty", "first bytes", "without end"])
def test_truncated_archive_is_rejected(tmp_path: Path, keep: int) -> None:
    path = pack(tmp_path / "faces.zip")
    path.write_bytes(path.read_bytes()[:keep])
    assert get_error(path).startswith("not a readable zip file: ")


def test_archive_of_unknown_format_version_is_rejected(tmp_path: Path) -> None:
    path = pack(tmp_path / "faces.zip")
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\1\2") + 6] = 200
    path.write_bytes(content)
    assert get_error(path).startswith("not a readable zip file: ")


def test_other_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "faces.tar").write_bytes(b"ustar" * 200)
    assert get_error(tmp_path / "faces.tar").startswith("not a readable zip file: ")


def test_missing_archive_is_rejected(tmp_path: Path) -> None:
    message = get_error(tmp_path / "faces.zip")
    assert message.startswith("not a readable zip file: ")
    assert "No such file" in message


def test_folder_instead_of_archive_is_rejected(tmp_path: Path) -> None:
    assert get_error(tmp_path).startswith("not a readable zip file: ")


def test_archive_is_not_modified(tmp_path: Path) -> None:
    path = pack(tmp_path / "faces.zip")
    before = path.read_bytes()
    layout_of(path)
    assert path.read_bytes() == before
    assert zipfile.is_zipfile(path)
    assert list(tmp_path.iterdir()) == [path]
