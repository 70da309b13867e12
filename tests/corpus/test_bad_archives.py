"""Archives of faces that are damaged, hostile, or none: one clear error each, and nothing left."""

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
    Bytes,
    attributes,
    damage,
    encode,
    file_name,
    partition,
    picture,
    stripes,
)
from runs import check_faces, refuse_faces, run_faces, used

pytestmark = pytest.mark.usefixtures("patience")

TABLE, PARTITION = "list_attr_celeba.csv", "list_eval_partition.csv"
NUMBERS = used({file_name(n): n for n in range(COUNT)})

# What lies in the place of the archive


def write_tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("000001.jpg"))


def write_zip_of_zip(path: Path) -> None:
    Archive().write(path.with_name("inner.zip"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(path.with_name("inner.zip"), "celeba-dataset.zip")


def write_folder(path: Path) -> None:
    (path / "img_align_celeba").mkdir(parents=True)
    (path / "img_align_celeba" / file_name(1)).write_bytes(picture(1))


NO_ARCHIVES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "No such file"),
    "empty": (lambda path: path.touch(), "empty"),
    "a web page": (
        lambda path: path.write_text("<!DOCTYPE html>\n<title>Sign\nin</title>"),
        "Sign in",
    ),
    "a notice": (lambda path: path.write_text("Quota exceeded.\nTry later.\n"), "Quota exceeded"),
    "control characters": (lambda path: path.write_bytes(b"\x1b[31mred\r\n\0" * 9), "no readable"),
    "gzip": (lambda path: path.write_bytes(gzip.compress(b"x")), "no readable zip"),
    "tar": (write_tar, "no readable zip"),
    "rar": (lambda path: path.write_bytes(b"Rar!\x1a\x07\x01\0" + bytes(99)), "no readable zip"),
    "a picture": (lambda path: path.write_bytes(picture(3)), "no readable zip"),
    "noise": (lambda path: path.write_bytes(bytes(range(256)) * 40), "no readable zip"),
    "an end without a beginning": (lambda path: path.write_bytes(END + bytes(18)), "no image"),
    "a zip in a zip": (write_zip_of_zip, "no image"),
    "a folder without the archive": (write_folder, "img_align_celeba.zip"),
    "an empty folder": (lambda path: path.mkdir(), "img_align_celeba.zip"),
    "a pipe": (os.mkfifo, "mine.zip"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "mine.zip"),
    "a link to nothing": (lambda path: path.symlink_to("gone"), "mine.zip"),
}


@pytest.mark.parametrize("name", NO_ARCHIVES)
def test_what_is_no_archive_is_refused(name: str, tmp_path: Path) -> None:
    make, said = NO_ARCHIVES[name]
    make(tmp_path / "mine.zip")
    refuse_faces(tmp_path, "archive", "mine.zip", "mine.zip", said)


# Damage to the archive as a whole


def cut(share: float) -> Callable[[Bytes], None]:
    def change(archive: Bytes) -> None:
        del archive.content[int(len(archive.content) * share) :]

    return change


def lose_end(archive: Bytes) -> None:
    del archive.content[archive.end :]


def lose_half_of_the_directory(archive: Bytes) -> None:
    del archive.content[archive.end - 500 : archive.end]


def set_end(at: int, form: str, value: int) -> Callable[[Bytes], None]:
    return lambda archive: archive.put(archive.end + at, form, value)


def set_directory(name: str, at: int, form: str, value: int) -> Callable[[Bytes], None]:
    return lambda archive: archive.put(archive.central(name) + at, form, value)


def break_signature(archive: Bytes) -> None:
    at = archive.content.index(CENTRAL)
    archive.content[at : at + 4] = b"JUNK"


def promise_zip64(archive: Bytes) -> None:
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 1 << 60, 1)
    archive.content[archive.end : archive.end] = locator


def name_badly(archive: Bytes) -> None:
    at = archive.central(PARTITION)
    archive.put(at + 8, "H", 0x800)  # names in UTF-8, which this is none of
    archive.content[at + 46] = 0xFF


def lose_name(archive: Bytes) -> None:
    archive.content[archive.central(PARTITION) + 46] = 0  # where a name ends


DAMAGES: dict[str, tuple[Callable[[Bytes], None], str]] = {
    "cut in the middle": (cut(0.5), "no readable zip"),
    "cut after a few bytes": (cut(0.001), "no readable zip"),
    "without its end": (lose_end, "no readable zip"),
    "half a directory": (lose_half_of_the_directory, "no readable zip"),
    "directory elsewhere": (set_end(16, "I", 0xFFFFFFF0), "cannot be read"),
    "directory larger than the file": (set_end(12, "I", 0x7FFFFFFF), "no readable zip"),
    "directory of junk": (break_signature, "no readable zip"),
    "directory of 64 bits, nowhere": (promise_zip64, "mine.zip"),
    "a member without a name": (lose_name, "a file without a name"),
    "a name in no encoding": (name_badly, "no readable zip"),
    "a table that is encrypted": (set_directory(PARTITION, 8, "H", 1), PARTITION),
    "a table of unknown compression": (set_directory(TABLE, 10, "H", 99), TABLE),
    "a table of another checksum": (set_directory(TABLE, 16, "I", 12345), TABLE),
    "a table that declares too little": (set_directory(TABLE, 24, "I", 10), TABLE),
    "a table that declares gigabytes": (set_directory(TABLE, 24, "I", 0xFFFFFFF0), TABLE),
    "a table that lies elsewhere": (set_directory(TABLE, 42, "I", 77), TABLE),
    "a table behind the end": (set_directory(TABLE, 42, "I", 0x7FFFFFFF), "mine.zip"),
    "a table of another version": (set_directory(TABLE, 6, "H", 255), "mine.zip"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_archive_is_refused(name: str, tmp_path: Path) -> None:
    change, said = DAMAGES[name]
    Archive().write(tmp_path / "mine.zip")
    damage(tmp_path / "mine.zip", change)
    refuse_faces(tmp_path, "archive", "mine.zip", "mine.zip", said)


def lose_beginning(archive: Bytes) -> None:
    del archive.content[:100]


def test_what_an_archive_without_its_beginning_lacks_is_skipped(tmp_path: Path) -> None:
    Archive().write(tmp_path / "mine.zip")
    damage(tmp_path / "mine.zip", lose_beginning)
    expected = {name: number for name, number in NUMBERS.items() if number}
    folder = run_faces(tmp_path, "archive", "mine.zip")
    check_faces(folder, expected, {file_name(0): "not where the archive's directory says"})


def lose_directory_entries(archive: Bytes) -> None:
    archive.put(archive.end + 8, "H", 3)
    archive.put(archive.end + 10, "H", 3)


def test_entries_that_the_end_does_not_count_are_there_all_the_same(tmp_path: Path) -> None:
    Archive().write(tmp_path / "mine.zip")
    damage(tmp_path / "mine.zip", lose_directory_entries)
    check_faces(run_faces(tmp_path, "archive", "mine.zip"), NUMBERS, {})


# Members that are hostile, or there in another way than they should be


def add(name: str, content: bytes = b"x") -> Callable[[Archive], None]:
    return lambda archive: archive.others.append((name, content))


def rename(archive: Archive, old: str, new: str) -> None:
    archive.images = {new if name == old else name: c for name, c in archive.images.items()}


def pack_table(method: int) -> Callable[[Archive], None]:
    return lambda archive: archive.methods.update({TABLE: method})


def without(table: str) -> Callable[[Archive], None]:
    return lambda archive: archive.tables.pop(table) and None


MEMBERS: dict[str, tuple[Callable[[Archive], object], str]] = {
    "an absolute path": (add("/etc/000001.jpg"), "leads out"),
    "a path upwards": (add("../../000099.jpg"), "leads out"),
    "a path upwards in the middle": (add("a/../../b.txt"), "leads out"),
    "a path upwards of Windows": (add("..\\..\\000099.jpg"), "leads out"),
    "a path with a drive": (add("C:\\temp\\000099.jpg"), "leads out"),
    "an image twice": (add("img_align_celeba/img_align_celeba/000003.jpg"), "2 times"),
    "a table twice": (add(PARTITION, partition().encode()), "2 times"),
    "a table in two folders": (add(f"more/{PARTITION}", partition().encode()), "both"),
    "a table in two kinds": (add("list_attr_celeba.txt", b"x"), "both"),
    "images of one name in two folders": (add("img_align_celeba/000003.jpg", picture(3)), "same"),
    "an image that no table knows": (
        add("img_align_celeba/img_align_celeba/000099.jpg", picture(9)),
        "000099.jpg",
    ),
    "an image by another name": (lambda archive: rename(archive, "000003.jpg", "3.jpg"), "3.jpg"),
    "no partition": (without(PARTITION), "no list_eval_partition"),
    "no images": (lambda archive: archive.images.clear(), "no image"),
    "a bomb for a table": (
        lambda archive: (
            archive.tables.update({TABLE: bytes((1 << 28) + 1)})
            or archive.methods.update({TABLE: zipfile.ZIP_DEFLATED})
        ),
        "larger than",
    ),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_that_should_not_be_is_refused(name: str, tmp_path: Path) -> None:
    change, said = MEMBERS[name]
    archive = Archive()
    change(archive)
    archive.write(tmp_path / "mine.zip")
    refuse_faces(tmp_path, "archive", "mine.zip", "mine.zip", said)
    assert [path.name for path in tmp_path.iterdir()] in (["mine.zip"], ["raw", "mine.zip"])


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_table_of_broken_compression_is_refused(method: int, tmp_path: Path) -> None:
    archive = Archive(methods={TABLE: method})
    archive.write(tmp_path / "mine.zip")

    def change(packed: Bytes) -> None:
        start = packed.local(TABLE) + 30 + len(TABLE) + 20
        packed.content[start : start + 40] = bytes(40)

    damage(tmp_path / "mine.zip", change)
    refuse_faces(tmp_path, "archive", "mine.zip", "mine.zip", TABLE)


OTHERS: dict[str, Callable[[Archive], None]] = {
    "a folder named as an image": add("img_align_celeba/000050.jpg/", b""),
    "what macOS packs beside": add("__MACOSX/img_align_celeba/._000001.jpg"),
    "a hidden image": add("img_align_celeba/.000001.jpg"),
    "a table that nobody asks for": add("list_bbox_celeba.csv", b"\xff\xfe\0nonsense"),
    "a readme": add("read me.txt", b"\xff"),
    "tables of any compression": pack_table(zipfile.ZIP_LZMA),
    "images at the top": lambda archive: setattr(archive, "prefix", ""),
    "images deep down": lambda archive: setattr(archive, "prefix", "a/b c/d/e/"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_does_no_harm_changes_nothing(name: str, tmp_path: Path) -> None:
    archive = Archive()
    OTHERS[name](archive)
    archive.write(tmp_path / "mine.zip")
    check_faces(run_faces(tmp_path, "archive", "mine.zip"), NUMBERS, {})


def test_an_archive_behind_another_file_is_read(tmp_path: Path) -> None:
    Archive().write(tmp_path / "mine.zip")
    content = (tmp_path / "mine.zip").read_bytes()
    (tmp_path / "mine.zip").write_bytes(b"#!/bin/sh\n" * 99 + content)
    check_faces(run_faces(tmp_path, "archive", "mine.zip"), NUMBERS, {})


# The original release


def write_release(folder: Path, inner: bytes | None = None) -> None:
    names = Archive(tables={}, prefix="img_align_celeba/")
    names.write(folder / "Img/img_align_celeba.zip")
    if inner is not None:
        (folder / "Img/img_align_celeba.zip").write_bytes(inner)
    lines = attributes(" ").splitlines()
    text = "\n".join([str(COUNT), lines[0].removeprefix("image_id "), *lines[1:]]) + "\n"
    for place, content in (
        ("Anno/list_attr_celeba.txt", text),
        ("Eval/list_eval_partition.txt", partition(" ").partition("\n")[2]),
    ):
        (folder / place).parent.mkdir()
        (folder / place).write_text(content)


def zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (None, ""),
        (b"", "img_align_celeba.zip"),
        (b"<html><body>Too many requests</body></html>", "Too many requests"),
        (END + bytes(18), "no image"),
    ],
    ids=["good", "empty", "a web page", "without members"],
)
def test_the_original_release(packed: bool, inner: bytes | None, said: str, tmp_path: Path) -> None:
    write_release(tmp_path / "mine", inner)
    if packed:
        (tmp_path / "mine.zip").write_bytes(zipped(tmp_path / "mine"))
    location = "mine.zip" if packed else "mine"
    if inner is None:
        check_faces(run_faces(tmp_path, "archive", location), NUMBERS, {})
    else:
        refuse_faces(tmp_path, "archive", location, "mine", said)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("change", "said"),
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
def test_a_release_that_lacks_something(
    packed: bool, change: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    write_release(tmp_path / "mine")
    change(tmp_path / "mine")
    if packed:
        (tmp_path / "mine.zip").write_bytes(zipped(tmp_path / "mine"))
    refuse_faces(tmp_path, "archive", "mine.zip" if packed else "mine", "mine", said)


def test_images_all_of_which_are_bad_fail_the_stage(tmp_path: Path) -> None:
    archive = Archive()
    archive.images = {name: encode(stripes(1), "TIFF") for name in archive.images}
    archive.write(tmp_path / "mine.zip")
    refuse_faces(tmp_path, "archive", "mine.zip", "celeba.zip", "max_bad_fraction")
