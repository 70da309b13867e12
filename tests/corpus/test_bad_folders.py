"""Folders and zips of the user's own images, in all the states that a disk can have them."""

import os
import socket
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from making import (
    COUNT,
    Bytes,
    attributes,
    damage,
    faces_of,
    file_name,
    partition,
    picture,
    rows,
)
from runs import (
    check_faces,
    check_refusal,
    check_skipped,
    refuse_faces,
    refuse_fashion,
    run_faces,
    run_fashion,
)

from latent.errors import InputError
from latent.io.dataset import read_record, read_split

pytestmark = pytest.mark.usefixtures("patience")

Change = Callable[[Path], object]


def faces(root: Path) -> Path:
    """Write a folder of faces, with a table of attributes."""
    for number in range(COUNT):
        put(root / "mine" / file_name(number), number)
    (root / "mine/attributes.csv").write_text(attributes())
    return root / "mine"


def garments(root: Path) -> Path:
    """Write a folder of garments of four classes."""
    for number in range(COUNT):
        put(root / "mine" / f"class {number % 4}" / file_name(number), number)
    return root / "mine"


def put(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture(number))


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


def only(number: int) -> Change:
    def change(mine: Path) -> None:
        for path in mine.rglob("*.jpg"):
            if path.name != file_name(number):
                path.unlink()
        (mine / "attributes.csv").unlink(missing_ok=True)

    return change


# What lies in the place of the folder

NO_FOLDERS: dict[str, tuple[Change, str]] = {
    "missing": (lambda mine: None, "no such folder"),
    "an empty file": (lambda mine: mine.touch(), "no readable zip"),
    "a picture": (lambda mine: mine.write_bytes(picture(1)), "no readable zip"),
    "a web page": (lambda mine: mine.write_text("<html>\n404"), "no readable zip"),
    "a pipe": (os.mkfifo, "no such folder"),
    "a link to nothing": (lambda mine: mine.symlink_to("gone"), "no such folder"),
    "a link to itself": (lambda mine: mine.symlink_to("mine"), "no such folder"),
    "empty": (lambda mine: mine.mkdir(), "holds no image"),
    "of empty folders": (lambda mine: (mine / "a/b/c.jpg").mkdir(parents=True), "holds no image"),
    "of other files": (
        lambda mine: mine.mkdir() or (mine / "notes.txt").write_text("x"),
        "holds no image",
    ),
    "of hidden images": (lambda mine: put(mine / ".hidden/class/1.jpg", 1), "holds no image"),
    "a folder of itself": (
        lambda mine: mine.mkdir() or (mine / "again").symlink_to("."),
        "holds no image",
    ),
}


@pytest.mark.parametrize("name", NO_FOLDERS)
@pytest.mark.parametrize("refuse", ["faces", "garments"])
def test_what_is_no_folder_is_refused(refuse: str, name: str, tmp_path: Path) -> None:
    make, said = NO_FOLDERS[name]
    make(tmp_path / "mine")
    if refuse == "faces":
        refuse_faces(tmp_path, "folder", "mine", "mine", said)
    else:
        refuse_fashion(tmp_path, "mine", "mine", said)


# Faces

TWINS = [unicodedata.normalize(form, "é.jpg") for form in ("NFC", "NFD")]
BAD_NAME = os.fsdecode(b"caf\xe9.jpg")

BAD_FACES: dict[str, tuple[Change, str]] = {
    "an image that no table knows": (lambda mine: put(mine / "new.jpg", 3), "new.jpg"),
    "an image that is gone": (lambda mine: (mine / file_name(3)).unlink(), "000003.jpg"),
    "an image that is one in two ways": (
        lambda mine: [put(mine / name, 3) for name in TWINS],
        "twice",
    ),
    "a name that is no text": (lambda mine: put(mine / BAD_NAME, 3), r"caf\udce9.jpg"),
    "a link to no image": (lambda mine: (mine / "x.jpg").symlink_to("gone.jpg"), "x.jpg"),
    "a pipe for an image": (
        lambda mine: (mine / file_name(3)).unlink() or os.mkfifo(mine / file_name(3)),
        "no regular file",
    ),
    "a pipe for a table": (
        lambda mine: (mine / "attributes.csv").unlink() or os.mkfifo(mine / "attributes.csv"),
        "no regular file",
    ),
    "an image that cannot be read": (
        lambda mine: (
            (mine / file_name(3)).unlink() or (mine / file_name(3)).symlink_to("/proc/self/mem")
        ),
        "cannot be read",
    ),
    "two tables of attributes": (
        lambda mine: (mine / "attributes.txt").write_text(attributes(" ")),
        "both attributes.csv and attributes.txt",
    ),
    "tables of two names": (
        lambda mine: (mine / "list_attr_celeba.csv").write_text(attributes()),
        "both attributes.csv and list_attr_celeba.csv",
    ),
    "a partition without a part to test with": (
        lambda mine: (mine / "partition.csv").write_text(partition().replace(",2\n", ",0\n")),
        "test split",
    ),
    "a partition of another folder": (
        lambda mine: (mine / "partition.csv").write_text("image_id,partition\na.jpg,0\n"),
        "a.jpg",
    ),
    "a single image": (only(3), "split"),
    "an image that only another folder's table knows": (
        lambda mine: put(mine / "more" / file_name(3), 3),
        "none for more/000003.jpg",
    ),
}


@pytest.mark.parametrize("name", BAD_FACES)
def test_faces_that_cannot_be_packed_are_refused(name: str, tmp_path: Path) -> None:
    change, said = BAD_FACES[name]
    change(faces(tmp_path))
    refuse_faces(tmp_path, "folder", "mine", "mine", said)


def test_a_table_that_names_two_images_at_once_is_refused(tmp_path: Path) -> None:
    for number in range(COUNT):
        put(tmp_path / "mine" / "ab"[number % 2] / f"{number // 2}.jpg", number)
    table = rows("image_id,Bit_0", lambda n: f"{n // 2}.jpg,{n % 2}")
    (tmp_path / "mine/attributes.csv").write_text(table)
    refuse_faces(tmp_path, "folder", "mine", "mine: attributes.csv", "0.jpg is the name of more")


def test_a_table_tells_images_of_one_name_apart_by_their_folders(tmp_path: Path) -> None:
    names = [f"{'ab'[number % 2]}/{number // 2}.jpg" for number in range(COUNT)]
    for number, name in enumerate(names):
        put(tmp_path / "mine" / name, number)
    lines = [f"{name},{number & 1}" for number, name in enumerate(names)]
    (tmp_path / "mine/attributes.csv").write_text("\n".join(["image_id,Odd", *reversed(lines)]))
    folder = run_faces(tmp_path, "folder", "mine")
    found = faces_of(folder)
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


def test_faces_of_strange_names_are_in_their_rows(tmp_path: Path) -> None:
    for number, name in enumerate(STRANGE_NAMES):
        put(tmp_path / "mine" / name, number)
    folder = run_faces(tmp_path, "folder", "mine")
    named = {unicodedata.normalize("NFC", name): n for n, name in enumerate(STRANGE_NAMES)}
    check_faces(folder, named, {})


def test_garments_of_strange_names_are_in_their_rows(tmp_path: Path) -> None:
    for number, name in enumerate(STRANGE_NAMES):
        put(tmp_path / "mine" / f"class {number % 2}" / name, number)
    folder = run_fashion(tmp_path, "mine")
    kept = faces_of(folder)
    skipped = {name for name in STRANGE_NAMES if not name.isprintable()}
    assert kept == {
        f"class {n % 2}/{name}": n for n, name in enumerate(STRANGE_NAMES) if name not in skipped
    }
    assert read_record(folder)["skipped"]["count"] == len(skipped) == 3


# Garments

BAD_GARMENTS: dict[str, tuple[Change, str]] = {
    "an image of no class": (lambda mine: put(mine / "x.jpg", 3), "x.jpg: lies in no folder"),
    "images of no class": (
        lambda mine: remove_images(mine) or [put(mine / file_name(n), n) for n in range(3)],
        "lies in no folder",
    ),
    "train and test and a class": (
        lambda mine: put(mine / "train/a/1.jpg", 1) or put(mine / "test/a/1.jpg", 1),
        "class 0/; either",
    ),
    "train and test and images in them": (
        lambda mine: (
            remove_images(mine) or put(mine / "train/1.jpg", 1) or put(mine / "test/a/1.jpg", 1)
        ),
        "train/1.jpg: lies in no folder",
    ),
    "two classes of one name": (
        lambda mine: [put(mine / TWINS[n][:-4] / f"{n}.jpg", n) for n in range(2)],
        "two folders give the class é",
    ),
    "two classes that differ in spaces": (
        lambda mine: put(mine / "class  1" / "1.jpg", 1),
        "two folders give the class class 1",
    ),
    "more classes than a byte can tell apart": (
        lambda mine: [put(mine / f"more {n}" / "1.jpg", 1) for n in range(253)],
        "257 classes",
    ),
    "a single image": (only(3), "none of 1 images"),
    "a class whose name is no text": (
        lambda mine: [put(mine / BAD_NAME / f"{n}.jpg", n) for n in range(20)],
        "20 of 40 images",
    ),
    "nothing but bad images": (
        lambda mine: [path.write_bytes(b"x") for path in mine.rglob("*.jpg")],
        "20 of 20 images were skipped",
    ),
    "IDX files beside images": (
        lambda mine: (mine / "train-images-idx3-ubyte").touch(),
        "holds no train-labels",
    ),
}


@pytest.mark.parametrize("name", BAD_GARMENTS)
def test_garments_that_cannot_be_packed_are_refused(name: str, tmp_path: Path) -> None:
    change, said = BAD_GARMENTS[name]
    change(garments(tmp_path))
    refuse_fashion(tmp_path, "mine", "mine", said)


UNREADABLE: dict[str, tuple[Change, str]] = {
    "a pipe": (os.mkfifo, "no regular file"),
    "a link to nothing": (lambda path: path.symlink_to("gone"), "cannot be read: No such file"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "cannot be read: Too many"),
    "a device that never ends": (lambda path: path.symlink_to("/dev/zero"), "no regular file"),
    "what nobody may read": (lambda path: path.symlink_to("/proc/self/mem"), "cannot be read"),
    "a socket": (
        lambda path: socket.socket(socket.AF_UNIX).bind(os.path.relpath(path)),
        "no regular file",
    ),
    "larger than any image": (lambda path: os.truncate(path, 1 << 40), "larger than"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_garment_that_cannot_be_read_is_skipped(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, reason = UNREADABLE[name]
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    path = garments(tmp_path) / "class 3" / file_name(3)
    if name != "larger than any image":
        path.unlink()
    make(path)
    folder = run_fashion(tmp_path, "mine")
    assert set(faces_of(folder).values()) == set(range(COUNT)) - {3}
    check_skipped(folder, {f"class 3/{file_name(3)}": reason})


def test_links_lead_to_images_and_never_in_circles(tmp_path: Path) -> None:
    mine = garments(tmp_path)
    (mine / "class 0" / "up").symlink_to("..")
    (mine / "class 0").rename(tmp_path / "elsewhere")
    (mine / "class 0").symlink_to("../elsewhere")
    folder = run_fashion(tmp_path, "mine")
    found = faces_of(folder)
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
            archive.writestr(name, picture(3))

    return change


def cut(target: Path) -> None:
    os.truncate(target, target.stat().st_size // 2)


def encrypt(target: Path) -> None:
    def change(content: Bytes) -> None:
        for number in range(COUNT):
            content.put(content.central(file_name(number)) + 8, "H", 1)

    damage(target, change)


BAD_ZIPS: dict[str, tuple[Change, str]] = {
    "cut in the middle": (cut, "no readable zip"),
    "with an absolute path": (add_member("/class 0/x.jpg"), "leads out"),
    "with a path upwards": (add_member("class 0/../../x.jpg"), "leads out"),
    "with a path of Windows": (add_member("..\\x.jpg"), "leads out"),
    "with an image twice": (
        lambda target: add_member("class 3/x.jpg")(target) or add_member("class 3/x.jpg")(target),
        "2 times",
    ),
    "with images encrypted": (encrypt, "encrypted"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", BAD_ZIPS)
@pytest.mark.parametrize("refuse", ["faces", "garments"])
def test_zips_that_are_bad_are_refused(refuse: str, name: str, tmp_path: Path) -> None:
    change, said = BAD_ZIPS[name]
    change(pack(garments(tmp_path)))
    if refuse == "faces":
        refuse_faces(tmp_path, "folder", "mine.zip", "mine.zip", said)
    else:
        refuse_fashion(tmp_path, "mine.zip", "mine.zip", said)
    assert {path.name for path in tmp_path.iterdir()} <= {"mine", "mine.zip", "raw"}


@pytest.mark.parametrize("method", [0, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zips_of_any_compression_are_read(method: int, tmp_path: Path) -> None:
    pack(garments(tmp_path), method)
    assert set(faces_of(run_fashion(tmp_path, "mine.zip")).values()) == set(range(COUNT))
    pack(faces(tmp_path / "faces"), method)
    folder = run_faces(tmp_path / "faces", "folder", "mine.zip")
    check_faces(folder, {file_name(n): n for n in range(COUNT)}, {})


@pytest.mark.parametrize("method", [0, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_with_a_broken_image(method: int, tmp_path: Path) -> None:
    target = pack(garments(tmp_path), method)
    name = f"class 3/{file_name(3)}"

    def spoil(content: Bytes) -> None:
        start = content.local(name) + 30 + len(name) + 60
        content.content[start : start + 60] = b"\xa5" * 60

    damage(target, spoil)
    folder = run_fashion(tmp_path, "mine.zip")
    assert set(faces_of(folder).values()) == set(range(COUNT)) - {3}
    check_skipped(folder, {name: "cannot be read"})
    with pytest.raises(InputError) as caught:
        run_faces(tmp_path / "other", "folder", str(target))
    (tmp_path / "other").mkdir(exist_ok=True)
    check_refusal(tmp_path / "other", caught.value, name, "cannot be read")
