"""Archives of face images that are damaged, malicious or not archives: one-line errors."""

import gzip
import io
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from making import (
    CENTRAL,
    COUNT,
    END,
    Archive,
    ZipBytes,
    attributes,
    damage,
    encode,
    file_name,
    image_bytes,
    partition,
    stripes,
)
from runs import check_faces, expect_faces_error, run_faces, without_validation

pytestmark = pytest.mark.usefixtures("patience")

TABLE, PARTITION = "list_attr_celeba.csv", "list_eval_partition.csv"
NUMBERS = without_validation({file_name(n): n for n in range(COUNT)})

# Other files with the name of the archive


def write_tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("000001.jpg"))


def write_zip_of_zip(path: Path) -> None:
    Archive().write(path.with_name("inner.zip"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(path.with_name("inner.zip"), "celeba-dataset.zip")


def write_folder(path: Path) -> None:
    (path / "img_align_celeba").mkdir(parents=True)
    (path / "img_align_celeba" / file_name(1)).write_bytes(image_bytes(1))


OTHER_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "No such file"),
    "empty": (lambda path: path.touch(), "empty"),
    "web page": (
        lambda path: path.write_text("<!DOCTYPE html>\n<title>Sign\nin</title>"),
        "Sign in",
    ),
    "text file": (lambda path: path.write_text("Quota exceeded.\nTry later.\n"), "Quota exceeded"),
    "control characters": (
        lambda path: path.write_bytes(b"\x1b[31mred\r\n\0" * 9),
        "not a readable",
    ),
    "gzip": (lambda path: path.write_bytes(gzip.compress(b"x")), "not a readable zip"),
    "tar": (write_tar, "not a readable zip"),
    "rar": (lambda path: path.write_bytes(b"Rar!\x1a\x07\x01\0" + bytes(99)), "not a readable zip"),
    "image": (lambda path: path.write_bytes(image_bytes(3)), "not a readable zip"),
    "noise": (lambda path: path.write_bytes(bytes(range(256)) * 40), "not a readable zip"),
    "empty zip": (lambda path: path.write_bytes(END + bytes(18)), "no images"),
    "zip in a zip": (write_zip_of_zip, "no images"),
    "folder without the archive": (write_folder, "img_align_celeba.zip"),
    "empty folder": (lambda path: path.mkdir(), "img_align_celeba.zip"),
    "named pipe": (os.mkfifo, "mine.zip"),
    "link to itself": (lambda path: path.symlink_to(path.name), "mine.zip"),
    "broken link": (lambda path: path.symlink_to("gone"), "mine.zip"),
}


@pytest.mark.parametrize("name", OTHER_FILES)
def test_other_files_are_rejected(name: str, tmp_path: Path) -> None:
    make, problem = OTHER_FILES[name]
    make(tmp_path / "mine.zip")
    expect_faces_error(tmp_path, "archive", "mine.zip", "mine.zip", problem)


# Damage to the archive as a whole


def truncate(share: float) -> Callable[[ZipBytes], None]:
    def change(archive: ZipBytes) -> None:
        del archive.content[int(len(archive.content) * share) :]

    return change


def remove_end_record(archive: ZipBytes) -> None:
    del archive.content[archive.end :]


def remove_directory_part(archive: ZipBytes) -> None:
    del archive.content[archive.end - 500 : archive.end]


def set_end(position: int, code: str, value: int) -> Callable[[ZipBytes], None]:
    return lambda archive: archive.put(archive.end + position, code, value)


def set_directory(name: str, position: int, code: str, value: int) -> Callable[[ZipBytes], None]:
    return lambda archive: archive.put(archive.central(name) + position, code, value)


def break_signature(archive: ZipBytes) -> None:
    position = archive.content.index(CENTRAL)
    archive.content[position : position + 4] = b"JUNK"


def add_zip64_locator(archive: ZipBytes) -> None:
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 1 << 60, 1)
    archive.content[archive.end : archive.end] = locator


def break_name_encoding(archive: ZipBytes) -> None:
    position = archive.central(PARTITION)
    archive.put(position + 8, "H", 0x800)  # flag: the name is in UTF-8
    archive.content[position + 46] = 0xFF


def remove_name(archive: ZipBytes) -> None:
    archive.content[archive.central(PARTITION) + 46] = 0  # terminates the name


DAMAGES: dict[str, tuple[Callable[[ZipBytes], None], str]] = {
    "truncated to one half": (truncate(0.5), "not a readable zip"),
    "truncated to a few bytes": (truncate(0.001), "not a readable zip"),
    "without end record": (remove_end_record, "not a readable zip"),
    "incomplete directory": (remove_directory_part, "not a readable zip"),
    "wrong position of the directory": (set_end(16, "I", 0xFFFFFFF0), "cannot be read"),
    "directory larger than the file": (set_end(12, "I", 0x7FFFFFFF), "not a readable zip"),
    "damaged directory": (break_signature, "not a readable zip"),
    "missing ZIP64 directory": (add_zip64_locator, "mine.zip"),
    "member without a name": (remove_name, "a file without a name"),
    "name that is not UTF-8": (break_name_encoding, "not a readable zip"),
    "encrypted table": (set_directory(PARTITION, 8, "H", 1), PARTITION),
    "table of unknown compression": (set_directory(TABLE, 10, "H", 99), TABLE),
    "table with wrong checksum": (set_directory(TABLE, 16, "I", 12345), TABLE),
    "table that declares a small size": (set_directory(TABLE, 24, "I", 10), TABLE),
    "table that declares gigabytes": (set_directory(TABLE, 24, "I", 0xFFFFFFF0), TABLE),
    "wrong position of a table": (set_directory(TABLE, 42, "I", 77), TABLE),
    "position of a table after the end": (set_directory(TABLE, 42, "I", 0x7FFFFFFF), "mine.zip"),
    "table of an unknown zip version": (set_directory(TABLE, 6, "H", 255), "mine.zip"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_archive_is_rejected(name: str, tmp_path: Path) -> None:
    change, problem = DAMAGES[name]
    Archive().write(tmp_path / "mine.zip")
    damage(tmp_path / "mine.zip", change)
    expect_faces_error(tmp_path, "archive", "mine.zip", "mine.zip", problem)


def remove_beginning(archive: ZipBytes) -> None:
    del archive.content[:100]


def test_images_in_missing_beginning_are_skipped(tmp_path: Path) -> None:
    Archive().write(tmp_path / "mine.zip")
    damage(tmp_path / "mine.zip", remove_beginning)
    expected = {name: number for name, number in NUMBERS.items() if number}
    folder = run_faces(tmp_path, "archive", "mine.zip")
    check_faces(
        folder, expected, {file_name(0): "not at the position that the zip's directory declares"}
    )


def reduce_entry_count(archive: ZipBytes) -> None:
    archive.put(archive.end + 8, "H", 3)
    archive.put(archive.end + 10, "H", 3)


def test_wrong_number_of_entries_is_ignored(tmp_path: Path) -> None:
    Archive().write(tmp_path / "mine.zip")
    damage(tmp_path / "mine.zip", reduce_entry_count)
    check_faces(run_faces(tmp_path, "archive", "mine.zip"), NUMBERS, {})


# Malicious, duplicate, unexpected or missing members


def add(name: str, content: bytes = b"x") -> Callable[[Archive], None]:
    return lambda archive: archive.others.append((name, content))


def rename(archive: Archive, old: str, new: str) -> None:
    archive.images = {new if name == old else name: c for name, c in archive.images.items()}


def compress_table(method: int) -> Callable[[Archive], None]:
    return lambda archive: archive.methods.update({TABLE: method})


def remove_table(table: str) -> Callable[[Archive], None]:
    return lambda archive: archive.tables.pop(table) and None


MEMBERS: dict[str, tuple[Callable[[Archive], object], str]] = {
    "absolute path": (add("/etc/000001.jpg"), "points outside"),
    "path with ..": (add("../../000099.jpg"), "points outside"),
    "path with .. in the middle": (add("a/../../b.txt"), "points outside"),
    "Windows path with ..": (add("..\\..\\000099.jpg"), "points outside"),
    "Windows path with a drive": (add("C:\\temp\\000099.jpg"), "points outside"),
    "duplicate image": (add("img_align_celeba/img_align_celeba/000003.jpg"), "2 times"),
    "duplicate table": (add(PARTITION, partition().encode()), "2 times"),
    "same table in two folders": (add(f"more/{PARTITION}", partition().encode()), "both"),
    "same table with two extensions": (add("list_attr_celeba.txt", b"x"), "both"),
    "images of the same name in two folders": (
        add("img_align_celeba/000003.jpg", image_bytes(3)),
        "same",
    ),
    "image without a row in the tables": (
        add("img_align_celeba/img_align_celeba/000099.jpg", image_bytes(9)),
        "000099.jpg",
    ),
    "renamed image": (lambda archive: rename(archive, "000003.jpg", "3.jpg"), "3.jpg"),
    "no partition": (remove_table(PARTITION), "no list_eval_partition"),
    "no images": (lambda archive: archive.images.clear(), "no images"),
    "table bomb": (
        lambda archive: (
            archive.tables.update({TABLE: bytes((1 << 28) + 1)})
            or archive.methods.update({TABLE: zipfile.ZIP_DEFLATED})
        ),
        "larger than",
    ),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_bad_members_are_rejected(name: str, tmp_path: Path) -> None:
    change, problem = MEMBERS[name]
    archive = Archive()
    change(archive)
    archive.write(tmp_path / "mine.zip")
    expect_faces_error(tmp_path, "archive", "mine.zip", "mine.zip", problem)
    assert [path.name for path in tmp_path.iterdir()] in (["mine.zip"], ["raw", "mine.zip"])


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damaged_compressed_table_is_rejected(method: int, tmp_path: Path) -> None:
    archive = Archive(methods={TABLE: method})
    archive.write(tmp_path / "mine.zip")

    def change(packed: ZipBytes) -> None:
        start = packed.local(TABLE) + 30 + len(TABLE) + 20
        packed.content[start : start + 40] = bytes(40)

    damage(tmp_path / "mine.zip", change)
    expect_faces_error(tmp_path, "archive", "mine.zip", "mine.zip", TABLE)


HARMLESS: dict[str, Callable[[Archive], None]] = {
    "folder with the name of an image": add("img_align_celeba/000050.jpg/", b""),
    "metadata of macOS": add("__MACOSX/img_align_celeba/._000001.jpg"),
    "hidden image": add("img_align_celeba/.000001.jpg"),
    "unknown table": add("list_bbox_celeba.csv", b"\xff\xfe\0nonsense"),
    "readme": add("read me.txt", b"\xff"),
    "LZMA-compressed table": compress_table(zipfile.ZIP_LZMA),
    "images at the top level": lambda archive: setattr(archive, "prefix", ""),
    "images in nested folders": lambda archive: setattr(archive, "prefix", "a/b c/d/e/"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_members_are_ignored(name: str, tmp_path: Path) -> None:
    archive = Archive()
    HARMLESS[name](archive)
    archive.write(tmp_path / "mine.zip")
    check_faces(run_faces(tmp_path, "archive", "mine.zip"), NUMBERS, {})


def test_archive_appended_to_another_file_is_read(tmp_path: Path) -> None:
    Archive().write(tmp_path / "mine.zip")
    content = (tmp_path / "mine.zip").read_bytes()
    (tmp_path / "mine.zip").write_bytes(b"#!/bin/sh\n" * 99 + content)
    check_faces(run_faces(tmp_path, "archive", "mine.zip"), NUMBERS, {})


# The release by the authors of CelebA


def write_release(folder: Path, inner: bytes | None = None) -> None:
    images = Archive(tables={}, prefix="img_align_celeba/")
    images.write(folder / "Img/img_align_celeba.zip")
    if inner is not None:
        (folder / "Img/img_align_celeba.zip").write_bytes(inner)
    lines = attributes(" ").splitlines()
    text = "\n".join([str(COUNT), lines[0].removeprefix("image_id "), *lines[1:]]) + "\n"
    for name, content in (
        ("Anno/list_attr_celeba.txt", text),
        ("Eval/list_eval_partition.txt", partition(" ").partition("\n")[2]),
    ):
        (folder / name).parent.mkdir()
        (folder / name).write_text(content)


def zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("inner", "problem"),
    [
        (None, ""),
        (b"", "img_align_celeba.zip"),
        (b"<html><body>Too many requests</body></html>", "Too many requests"),
        (END + bytes(18), "no images"),
    ],
    ids=["valid", "empty", "web page", "empty zip"],
)
def test_release(packed: bool, inner: bytes | None, problem: str, tmp_path: Path) -> None:
    write_release(tmp_path / "mine", inner)
    if packed:
        (tmp_path / "mine.zip").write_bytes(zipped(tmp_path / "mine"))
    location = "mine.zip" if packed else "mine"
    if inner is None:
        check_faces(run_faces(tmp_path, "archive", location), NUMBERS, {})
    else:
        expect_faces_error(tmp_path, "archive", location, "mine", problem)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda folder: (folder / "Eval/list_eval_partition.txt").unlink(), "partition"),
        (
            lambda folder: (folder / "list_eval_partition.csv").write_text(partition()),
            "list_eval_partition",
        ),
        (
            lambda folder: (folder / "Img/img_align_celeba.zip").rename(folder / "images.zip"),
            "img_align_celeba.zip",
        ),
        (
            lambda folder: (folder / "img_align_celeba.zip").write_bytes(zlib.compress(b"")),
            "img_align_celeba.zip",
        ),
    ],
    ids=["no partition", "two partitions", "no images", "two archives"],
)
def test_incomplete_release_is_rejected(
    packed: bool, change: Callable[[Path], object], problem: str, tmp_path: Path
) -> None:
    write_release(tmp_path / "mine")
    change(tmp_path / "mine")
    if packed:
        (tmp_path / "mine.zip").write_bytes(zipped(tmp_path / "mine"))
    expect_faces_error(tmp_path, "archive", "mine.zip" if packed else "mine", "mine", problem)


def test_only_bad_images_are_rejected(tmp_path: Path) -> None:
    archive = Archive()
    archive.images = {name: encode(stripes(1), "TIFF") for name in archive.images}
    archive.write(tmp_path / "mine.zip")
    expect_faces_error(tmp_path, "archive", "mine.zip", "celeba.zip", "max_bad_fraction")
