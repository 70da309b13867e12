"""User-supplied folders and zips of images: bad ones are rejected, unusual ones are read."""

import os
import socket
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from making import (
    COUNT,
    ZipBytes,
    attributes,
    damage,
    file_name,
    image_bytes,
    partition,
    read_numbers,
    rows,
)
from runs import (
    check_error,
    check_faces,
    check_skipped,
    expect_faces_error,
    expect_fashion_error,
    run_faces,
    run_fashion,
)

from latent.errors import InputError
from latent.io.dataset import read_record, read_split

pytestmark = pytest.mark.usefixtures("patience")

Change = Callable[[Path], object]


def write_faces(root: Path) -> Path:
    """Write a folder of face images with a table of attributes."""
    for number in range(COUNT):
        put(root / "mine" / file_name(number), number)
    (root / "mine/attributes.csv").write_text(attributes())
    return root / "mine"


def write_fashion(root: Path) -> Path:
    """Write a folder of images of four classes."""
    for number in range(COUNT):
        put(root / "mine" / f"class {number % 4}" / file_name(number), number)
    return root / "mine"


def put(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(image_bytes(number))


def remove_images(mine: Path) -> None:
    for path in mine.rglob("*.jpg"):
        path.unlink()


def remove(mine: Path) -> None:
    remove_images(mine)
    for path in sorted(mine.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    mine.rmdir()


def replace_by(make: Change) -> Change:
    def change(mine: Path) -> None:
        remove(mine)
        make(mine)

    return change


def keep_only(number: int) -> Change:
    def change(mine: Path) -> None:
        for path in mine.rglob("*.jpg"):
            if path.name != file_name(number):
                path.unlink()
        (mine / "attributes.csv").unlink(missing_ok=True)

    return change


# Locations that contain no images

NO_IMAGES: dict[str, tuple[Change, str]] = {
    "missing": (lambda mine: None, "no such folder"),
    "empty file": (lambda mine: mine.touch(), "nor a readable zip"),
    "image": (lambda mine: mine.write_bytes(image_bytes(1)), "nor a readable zip"),
    "web page": (lambda mine: mine.write_text("<html>\n404"), "nor a readable zip"),
    "named pipe": (os.mkfifo, "no such folder"),
    "broken link": (lambda mine: mine.symlink_to("gone"), "no such folder"),
    "link to itself": (lambda mine: mine.symlink_to("mine"), "no such folder"),
    "empty folder": (lambda mine: mine.mkdir(), "contains no images"),
    "only empty folders": (
        lambda mine: (mine / "a/b/c.jpg").mkdir(parents=True),
        "contains no images",
    ),
    "only other files": (
        lambda mine: mine.mkdir() or (mine / "notes.txt").write_text("x"),
        "contains no images",
    ),
    "only hidden images": (lambda mine: put(mine / ".hidden/class/1.jpg", 1), "contains no images"),
    "folder with a link to itself": (
        lambda mine: mine.mkdir() or (mine / "again").symlink_to("."),
        "contains no images",
    ),
}


@pytest.mark.parametrize("name", NO_IMAGES)
@pytest.mark.parametrize("dataset", ["faces", "fashion"])
def test_location_without_images_is_rejected(dataset: str, name: str, tmp_path: Path) -> None:
    make, problem = NO_IMAGES[name]
    make(tmp_path / "mine")
    if dataset == "faces":
        expect_faces_error(tmp_path, "folder", "mine", "mine", problem)
    else:
        expect_fashion_error(tmp_path, "mine", "mine", problem)


# Faces

TWINS = [unicodedata.normalize(form, "é.jpg") for form in ("NFC", "NFD")]
BAD_NAME = os.fsdecode(b"caf\xe9.jpg")

BAD_FACES: dict[str, tuple[Change, str]] = {
    "image without a row in the table": (lambda mine: put(mine / "new.jpg", 3), "new.jpg"),
    "missing image": (lambda mine: (mine / file_name(3)).unlink(), "000003.jpg"),
    "same name in two Unicode forms": (
        lambda mine: [put(mine / name, 3) for name in TWINS],
        "contains two files 'é.jpg'",
    ),
    "name that is not UTF-8": (lambda mine: put(mine / BAD_NAME, 3), r"caf\udce9.jpg"),
    "broken link": (lambda mine: (mine / "x.jpg").symlink_to("gone.jpg"), "x.jpg"),
    "named pipe instead of an image": (
        lambda mine: (mine / file_name(3)).unlink() or os.mkfifo(mine / file_name(3)),
        "not a regular file",
    ),
    "named pipe instead of a table": (
        lambda mine: (mine / "attributes.csv").unlink() or os.mkfifo(mine / "attributes.csv"),
        "not a regular file",
    ),
    "unreadable image": (
        lambda mine: (
            (mine / file_name(3)).unlink() or (mine / file_name(3)).symlink_to("/proc/self/mem")
        ),
        "cannot be read",
    ),
    "two tables of attributes": (
        lambda mine: (mine / "attributes.txt").write_text(attributes(" ")),
        "both attributes.csv and attributes.txt",
    ),
    "tables of attributes with two names": (
        lambda mine: (mine / "list_attr_celeba.csv").write_text(attributes()),
        "both attributes.csv and list_attr_celeba.csv",
    ),
    "partition without test images": (
        lambda mine: (mine / "partition.csv").write_text(partition().replace(",2\n", ",0\n")),
        "test split",
    ),
    "partition of other images": (
        lambda mine: (mine / "partition.csv").write_text("image_id,partition\na.jpg,0\n"),
        "a.jpg",
    ),
    "single image": (keep_only(3), "split"),
    "image of the same name in a subfolder": (
        lambda mine: put(mine / "more" / file_name(3), 3),
        "more/000003.jpg has no row",
    ),
}


@pytest.mark.parametrize("name", BAD_FACES)
def test_bad_face_folders_are_rejected(name: str, tmp_path: Path) -> None:
    change, problem = BAD_FACES[name]
    change(write_faces(tmp_path))
    expect_faces_error(tmp_path, "folder", "mine", "mine", problem)


def test_table_with_ambiguous_names_is_rejected(tmp_path: Path) -> None:
    for number in range(COUNT):
        put(tmp_path / "mine" / "ab"[number % 2] / f"{number // 2}.jpg", number)
    table = rows("image_id,Bit_0", lambda n: f"{n // 2}.jpg,{n % 2}")
    (tmp_path / "mine/attributes.csv").write_text(table)
    expect_faces_error(
        tmp_path, "folder", "mine", "mine: attributes.csv", "0.jpg is the name of more"
    )


def test_table_with_paths_distinguishes_equal_file_names(tmp_path: Path) -> None:
    names = [f"{'ab'[number % 2]}/{number // 2}.jpg" for number in range(COUNT)]
    for number, name in enumerate(names):
        put(tmp_path / "mine" / name, number)
    lines = [f"{name},{number & 1}" for number, name in enumerate(names)]
    (tmp_path / "mine/attributes.csv").write_text("\n".join(["image_id,Odd", *reversed(lines)]))
    folder = run_faces(tmp_path, "folder", "mine")
    found = read_numbers(folder)
    assert found == {name: number for number, name in enumerate(names)}
    for split in ("train", "test"):
        table = read_split(folder, split).table
        assert table["Odd"].tolist() == [bool(found[name] & 1) for name in table["image_id"]]


STRANGE_NAMES = [
    "with space.jpg",
    " leading.jpg",
    "new\nline.jpg",
    "tab\there.jpg",
    "quote'\".jpg",
    "comma,semicolon;.jpg",
    "ünïcödé 日本.jpg",
    unicodedata.normalize("NFD", "é.jpg"),
    "percent %20.jpg",
    "dollar $HOME.jpg",
    "-rf.jpg",
    "back\\slash.jpg",
    "UPPER.JPG",
    "many.dots.in.it.jpg",
    "x" * 200 + ".jpg",
    "folder.jpg/inside.jpg",
    "a/b/c/d/e/deep.jpg",
    "emoji 😀.jpg",
    "\u202ereversed.jpg",
    "nul.jpg",
]


def test_faces_with_unusual_names_keep_their_rows(tmp_path: Path) -> None:
    for number, name in enumerate(STRANGE_NAMES):
        put(tmp_path / "mine" / name, number)
    folder = run_faces(tmp_path, "folder", "mine")
    named = {unicodedata.normalize("NFC", name): n for n, name in enumerate(STRANGE_NAMES)}
    check_faces(folder, named, {})


def test_fashion_images_with_unusual_names_keep_their_rows(tmp_path: Path) -> None:
    for number, name in enumerate(STRANGE_NAMES):
        put(tmp_path / "mine" / f"class {number % 2}" / name, number)
    folder = run_fashion(tmp_path, "mine")
    kept = read_numbers(folder)
    skipped = {name for name in STRANGE_NAMES if not name.isprintable()}
    assert kept == {
        f"class {n % 2}/{name}": n for n, name in enumerate(STRANGE_NAMES) if name not in skipped
    }
    assert read_record(folder)["skipped"]["count"] == len(skipped) == 3


# Fashion images

BAD_FASHION: dict[str, tuple[Change, str]] = {
    "image outside class folders": (
        lambda mine: put(mine / "x.jpg", 3),
        "x.jpg: not in a class folder",
    ),
    "only images outside class folders": (
        lambda mine: remove_images(mine) or [put(mine / file_name(n), n) for n in range(3)],
        "not in a class folder",
    ),
    "class folder next to train and test": (
        lambda mine: put(mine / "train/a/1.jpg", 1) or put(mine / "test/a/1.jpg", 1),
        "class 0/ next to train/ and test/",
    ),
    "train with images outside class folders": (
        lambda mine: (
            remove_images(mine) or put(mine / "train/1.jpg", 1) or put(mine / "test/a/1.jpg", 1)
        ),
        "train/1.jpg: not in a class folder",
    ),
    "class names that differ in their Unicode form": (
        lambda mine: [put(mine / TWINS[n][:-4] / f"{n}.jpg", n) for n in range(2)],
        "two folders of the class 'é'",
    ),
    "class names that differ in spaces": (
        lambda mine: put(mine / "class  1" / "1.jpg", 1),
        "two folders of the class 'class 1'",
    ),
    "more than 256 classes": (
        lambda mine: [put(mine / f"more {n}" / "1.jpg", 1) for n in range(253)],
        "257 classes",
    ),
    "single image": (keep_only(3), "none of 1 images"),
    "class name that is not UTF-8": (
        lambda mine: [put(mine / BAD_NAME / f"{n}.jpg", n) for n in range(20)],
        "20 of 40 images",
    ),
    "only bad images": (
        lambda mine: [path.write_bytes(b"x") for path in mine.rglob("*.jpg")],
        "20 of 20 images cannot be used",
    ),
    "IDX file next to images": (
        lambda mine: (mine / "train-images-idx3-ubyte").touch(),
        "contains no train-labels",
    ),
}


@pytest.mark.parametrize("name", BAD_FASHION)
def test_bad_fashion_folders_are_rejected(name: str, tmp_path: Path) -> None:
    change, problem = BAD_FASHION[name]
    change(write_fashion(tmp_path))
    expect_fashion_error(tmp_path, "mine", "mine", problem)


UNREADABLE: dict[str, tuple[Change, str]] = {
    "named pipe": (os.mkfifo, "not a regular file"),
    "broken link": (lambda path: path.symlink_to("gone"), "cannot be read: No such file"),
    "link to itself": (lambda path: path.symlink_to(path.name), "cannot be read: Too many"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    "unreadable file": (lambda path: path.symlink_to("/proc/self/mem"), "cannot be read"),
    "socket": (
        lambda path: socket.socket(socket.AF_UNIX).bind(os.path.relpath(path)),
        "not a regular file",
    ),
    "huge file": (lambda path: os.truncate(path, 1 << 40), "larger than"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_fashion_image_is_skipped(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, reason = UNREADABLE[name]
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    path = write_fashion(tmp_path) / "class 3" / file_name(3)
    if name != "huge file":
        path.unlink()
    make(path)
    folder = run_fashion(tmp_path, "mine")
    assert set(read_numbers(folder).values()) == set(range(COUNT)) - {3}
    check_skipped(folder, {f"class 3/{file_name(3)}": reason})


def test_links_are_followed_without_cycles(tmp_path: Path) -> None:
    mine = write_fashion(tmp_path)
    (mine / "class 0" / "up").symlink_to("..")
    (mine / "class 0").rename(tmp_path / "elsewhere")
    (mine / "class 0").symlink_to("../elsewhere")
    folder = run_fashion(tmp_path, "mine")
    found = read_numbers(folder)
    assert {name for name in found if "/up/" not in name} == {
        f"class {n % 4}/{file_name(n)}" for n in range(COUNT)
    }


# Zips of images


def pack(mine: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    target = mine.with_name("mine.zip")
    with zipfile.ZipFile(target, "w", method) as archive:
        for path in sorted(mine.rglob("*")):
            archive.write(path, path.relative_to(mine))
    return target


def add_member(name: str) -> Change:
    def change(target: Path) -> None:
        with zipfile.ZipFile(target, "a") as archive:
            archive.writestr(name, image_bytes(3))

    return change


def truncate(target: Path) -> None:
    os.truncate(target, target.stat().st_size // 2)


def encrypt(target: Path) -> None:
    def change(content: ZipBytes) -> None:
        for number in range(COUNT):
            content.put(content.central(file_name(number)) + 8, "H", 1)

    damage(target, change)


BAD_ZIPS: dict[str, tuple[Change, str]] = {
    "truncated": (truncate, "nor a readable zip"),
    "absolute path": (add_member("/class 0/x.jpg"), "points outside"),
    "path with ..": (add_member("class 0/../../x.jpg"), "points outside"),
    "Windows path with ..": (add_member("..\\x.jpg"), "points outside"),
    "duplicate image": (
        lambda target: add_member("class 3/x.jpg")(target) or add_member("class 3/x.jpg")(target),
        "2 times",
    ),
    "encrypted images": (encrypt, "encrypted"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", BAD_ZIPS)
@pytest.mark.parametrize("dataset", ["faces", "fashion"])
def test_bad_zips_are_rejected(dataset: str, name: str, tmp_path: Path) -> None:
    change, problem = BAD_ZIPS[name]
    change(pack(write_fashion(tmp_path)))
    if dataset == "faces":
        expect_faces_error(tmp_path, "folder", "mine.zip", "mine.zip", problem)
    else:
        expect_fashion_error(tmp_path, "mine.zip", "mine.zip", problem)
    assert {path.name for path in tmp_path.iterdir()} <= {"mine", "mine.zip", "raw"}


@pytest.mark.parametrize("method", [0, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zips_of_any_compression_are_read(method: int, tmp_path: Path) -> None:
    pack(write_fashion(tmp_path), method)
    assert set(read_numbers(run_fashion(tmp_path, "mine.zip")).values()) == set(range(COUNT))
    pack(write_faces(tmp_path / "faces"), method)
    folder = run_faces(tmp_path / "faces", "folder", "mine.zip")
    check_faces(folder, {file_name(n): n for n in range(COUNT)}, {})


@pytest.mark.parametrize("method", [0, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_with_damaged_image(method: int, tmp_path: Path) -> None:
    target = pack(write_fashion(tmp_path), method)
    name = f"class 3/{file_name(3)}"

    def overwrite(content: ZipBytes) -> None:
        start = content.local(name) + 30 + len(name) + 60
        content.content[start : start + 60] = b"\xa5" * 60

    damage(target, overwrite)
    folder = run_fashion(tmp_path, "mine.zip")
    assert set(read_numbers(folder).values()) == set(range(COUNT)) - {3}
    check_skipped(folder, {name: "cannot be read"})
    with pytest.raises(InputError) as caught:
        run_faces(tmp_path / "other", "folder", str(target))
    (tmp_path / "other").mkdir(exist_ok=True)
    check_error(tmp_path / "other", caught.value, name, "cannot be read")
