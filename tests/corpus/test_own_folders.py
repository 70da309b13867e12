"""Folders of splits, ignored files and zips from other programs, for both datasets."""

import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from making import COUNT, attributes, file_name, image_bytes, read_numbers
from runs import expect_faces_error, expect_fashion_error, run_faces, run_fashion

from latent.io.dataset import read_record, read_split

pytestmark = pytest.mark.usefixtures("patience")

DATASETS = ("faces", "fashion")
Rename = Callable[[str], str]


def write(mine: Path, names: list[str]) -> Path:
    """Write numbered images with these names."""
    for number, name in enumerate(names):
        (mine / name).parent.mkdir(parents=True, exist_ok=True)
        (mine / name).write_bytes(image_bytes(number))
    return mine


def run(dataset: str, root: Path, location: str = "mine", **folder: object) -> Path:
    if dataset == "faces":
        return run_faces(root, "folder", location, **folder)
    return run_fashion(root, location, **folder)


def expect_error(dataset: str, root: Path, problem: str, location: str = "mine") -> None:
    if dataset == "faces":
        expect_faces_error(root, "folder", location, "mine", problem)
    else:
        expect_fashion_error(root, location, "mine", problem)


def numbers_of(folder: Path, split: str) -> set[int]:
    names = set(read_split(folder, split).table["image_id"])
    return {number for name, number in read_numbers(folder).items() if name in names}


def class_folder(number: int) -> str:
    return ("cup", "hat")[number // 2 % 2]


# Folders of splits


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize(
    ("train", "test", "layout"),
    [
        ("train", "val", "{split}/{kind}"),
        ("Training", "Testing", "{split}/{kind}"),
        ("trainset", "testset", "{split}/{kind}"),
        ("seg_train", "seg_test", "{split}/{split}/{kind}"),
        ("train", "test", "{kind}/{split}"),
        ("train", "valid", "my data/{split}/images/{kind}"),
    ],
)
def test_folders_are_splits(
    dataset: str, train: str, test: str, layout: str, tmp_path: Path
) -> None:
    folders = [
        layout.format(split=test if n in (3, 6) else train, kind=class_folder(n))
        for n in range(COUNT)
    ]
    write(tmp_path / "mine", [f"{folder}/{n}.jpg" for n, folder in enumerate(folders)])
    folder = run(dataset, tmp_path)
    assert numbers_of(folder, "train") == set(range(COUNT)) - {3, 6}
    assert numbers_of(folder, "test") == {3, 6}
    if dataset == "fashion":
        assert read_record(folder)["classes"] == ["cup", "hat"]
        for split in ("train", "test"):
            table = read_split(folder, split).table
            assert list(table["image_id"].str.contains("hat/")) == list(table["label"] == 1)
    else:
        assert set(read_numbers(folder)) == {f"{f}/{n}.jpg" for n, f in enumerate(folders)}


@pytest.mark.parametrize("dataset", DATASETS)
def test_validation_images_are_left_out_and_counted(
    dataset: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    splits = ["train", "val", "test", "train"]
    names = [f"{splits[n % 4]}/{class_folder(n)}/{n}.jpg" for n in range(COUNT)]
    write(tmp_path / "mine", [*names, "val/cane/20.jpg"])
    folder = run(dataset, tmp_path)
    assert numbers_of(folder, "train") == {n for n in range(COUNT) if n % 4 in (0, 3)}
    assert numbers_of(folder, "test") == {n for n in range(COUNT) if n % 4 == 2}
    assert read_record(folder)["left_out"].pop("validation") == 6
    if dataset == "fashion":
        assert read_record(folder)["classes"] == ["cup", "hat"]
        assert caplog.messages == [
            f"{tmp_path / 'mine'}: no images of these classes can be used: cane"
        ]


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize(
    ("folders", "problem"),
    [
        (("train", "test", "more"), "contains more/ next to train/ and test/"),
        (("val", "test"), "required are one folder of training images"),
    ],
)
def test_incomplete_folders_of_splits_are_rejected(
    dataset: str, folders: tuple[str, ...], problem: str, tmp_path: Path
) -> None:
    write(tmp_path / "mine", [f"{folders[n % len(folders)]}/cup/{n}.jpg" for n in range(COUNT)])
    expect_error(dataset, tmp_path, problem)


def test_partition_takes_precedence_over_folders(tmp_path: Path) -> None:
    names = [f"{('train', 'test', 'more')[n % 3]}/{n}.jpg" for n in range(COUNT)]
    write(tmp_path / "mine", names)
    rows = [f"{name},{2 * (n < 5)}" for n, name in enumerate(names)]
    (tmp_path / "mine/partition.csv").write_text("\n".join(["image_id,partition", *rows]))
    assert numbers_of(run("faces", tmp_path), "test") == set(range(5))


def test_single_class_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path / "mine", [f"train/{n}.jpg" for n in range(COUNT)])
    run("fashion", tmp_path)
    assert caplog.messages == [
        f"{tmp_path / 'mine'}: all images are of the class 'train'; the images of each class need "
        "their own folder"
    ]


# Files that are not images


@pytest.mark.parametrize("dataset", DATASETS)
def test_ignored_files_are_counted_by_extension(
    dataset: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kinds = ["jfif", "JPE", "jpg", "jpeg"]
    names = [f"{class_folder(n)}/{n}.{kinds[n % 4]}" for n in range(COUNT)]
    write(tmp_path / "mine", names)
    others = ["cane/1.HEIC", "cane/2.heic", "cup/3.gif", "cup/4.tiff", "cup/5.avif", "cup/6"]
    write(tmp_path / "mine", others)
    folder = run(dataset, tmp_path)
    assert set(read_numbers(folder)) == set(names)
    ignored, *more = caplog.messages
    assert ignored == (
        f"{tmp_path / 'mine'}: ignored 6 files without the extension of an image (.jpg, .jpeg, "
        ".jpe, .jfif, .png, .webp, .bmp): 2 .heic, 1 .gif, 1 .tiff, 1 .avif, 1 without extension, "
        "such as cane/1.HEIC"
    )
    if dataset == "fashion":
        assert more == [f"{tmp_path / 'mine'}: no images of these classes can be used: cane"]
        assert read_record(folder)["left_out"] == {"other_files": 6}
    else:
        assert not more


def test_class_of_unreadable_images_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "mine", [f"{class_folder(n)}/{n}.jpg" for n in range(COUNT)])
    (tmp_path / "mine/cane").mkdir()
    (tmp_path / "mine/cane/1.jpg").write_bytes(b"no image")
    run("fashion", tmp_path)
    assert caplog.messages[-1].endswith("no images of these classes can be used: cane")


# Zips


def pack(
    root: Path,
    rename: Rename,
    encoding: str = "",
    system: int = 0,
    folder: str = "Hüte",
    more: tuple[str, ...] = (),
) -> dict[str, int]:
    """Write mine.zip with a table and images, and return the expected numbers by name.

    Args:
        root: folder of the zip.
        rename: changes the name of each member.
        encoding: encoding of the names, which are then not marked as UTF-8.
        system: system that made the zip: 0 for Windows, 3 for Unix.
        folder: name of a class folder.
        more: names of further members.
    """

    class Member(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  (overrides zipfile)
            if encoding:
                return self.filename.encode(encoding), self.flag_bits
            return self.filename.encode(), self.flag_bits | 0x800

    names = {f"{folder if n % 2 else 'cup'}/{file_name(n)}": n for n in range(COUNT)}
    members = {name: image_bytes(n) for name, n in names.items()}
    table = attributes()
    for name, number in names.items():
        table = table.replace(file_name(number), unicodedata.normalize("NFC", name))
    with zipfile.ZipFile(root / "mine.zip", "w") as archive:
        for name, content in ({"attributes.csv": table.encode()} | members).items():
            member = Member("x")
            member.filename, member.create_system = rename(name), system
            archive.writestr(member, content)
        for name in more:
            archive.writestr(name, b"other")
    return {unicodedata.normalize("NFC", name): number for name, number in names.items()}


ZIPS: dict[str, tuple[Rename, dict[str, object]]] = {
    "UTF-8 without the mark": (lambda name: name, {"encoding": "utf-8"}),
    "UTF-8 without the mark, in Unicode form NFD": (
        lambda name: unicodedata.normalize("NFD", name),
        {"encoding": "utf-8"},
    ),
    "GBK": (lambda name: name, {"encoding": "gbk", "folder": "帽子"}),
    "Shift-JIS with backslashes": (
        lambda name: name.replace("/", "\\"),
        {"encoding": "shift_jis", "folder": "ソ帽子"},
    ),
    "backslashes": (lambda name: f"mine\\{name}".replace("/", "\\"), {}),
    "backslashes from Unix": (lambda name: f"mine\\{name}".replace("/", "\\"), {"system": 3}),
    "slashes and backslashes": (lambda name: "mine/" + name.replace("/", "\\"), {}),
    "leading ./": (lambda name: f"./{name}", {"system": 3}),
    "folders with backslashes and files of macOS": (
        lambda name: name,
        {"more": ("cup\\", "empty\\", "__MACOSX/cup/._000001.jpg", "__MACOSX\\x.jpg")},
    ),
    "class that ends in a dot": (lambda name: name, {"folder": "Hüte."}),
}


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("name", ZIPS)
def test_zips_of_other_programs(
    dataset: str, name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rename, options = ZIPS[name]
    expected = pack(tmp_path, rename, **options)  # type: ignore[arg-type]
    encoding = options.get("encoding", "utf-8")
    folder = run(
        dataset, tmp_path, "mine.zip", zip_encoding=None if encoding == "utf-8" else encoding
    )
    found = {unicodedata.normalize("NFC", key): n for key, n in read_numbers(folder).items()}
    assert found == expected
    if dataset == "fashion":
        assert read_record(folder)["classes"] == sorted({name.split("/")[0] for name in expected})
    else:
        assert [name for name in read_split(folder, "train").table if name.startswith("Bit_")]
        assert not caplog.messages


@pytest.mark.parametrize("dataset", DATASETS)
def test_zip_of_unknown_encoding_is_reported_once(
    dataset: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pack(tmp_path, lambda name: name.replace("attributes", "notes"), "gbk", folder="帽子")
    run(dataset, tmp_path, "mine.zip")
    (line,) = [line for line in caplog.messages if "zip_encoding" in line]
    assert "cp437" in line


def test_archive_of_unknown_encoding_is_reported_in_each_stage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pack(tmp_path, lambda name: name.replace("attributes", "notes"), "cp437")
    rows = [f"{file_name(n)},{2 * (n % 4 == 0)}" for n in range(COUNT)]
    (tmp_path / "list_eval_partition.csv").write_text("\n".join(["image_id,partition", *rows]))
    folder = run_faces(tmp_path, "archive", "mine.zip")
    assert read_numbers(folder) == {file_name(n): n for n in range(COUNT)}
    assert [line.split(":")[0] for line in caplog.messages if "zip_encoding" in line] == [
        str(tmp_path / "mine.zip"),
        str(tmp_path / "raw/celeba.zip"),
    ]


def test_archive_with_backslashes(tmp_path: Path) -> None:
    rows = [f"{file_name(n)},{2 * (n % 4 == 0)}" for n in range(COUNT)]
    members = {
        "list_attr_celeba.csv": attributes().encode(),
        "list_eval_partition.csv": "\n".join(["image_id,partition", *rows]).encode(),
        **{f"img_align_celeba\\a\\{file_name(n)}": image_bytes(n) for n in range(COUNT)},
    }
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(f"release\\{name}", content)
    folder = run_faces(tmp_path, "archive", "mine.zip")
    assert read_numbers(folder) == {f"a/{file_name(n)}": n for n in range(COUNT)}


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["cup\\1.jpg", "cup/1.jpg"], "contains both cup\\1.jpg and cup/1.jpg"),
        (["cup\\1.jpg", "..\\cup\\2.jpg"], "points outside the archive"),
        ([], "no images"),
        (["more.zip"], "but 1 .zip"),
    ],
)
def test_bad_zips_are_rejected(
    dataset: str, names: list[str], problem: str, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for name in names:
            archive.writestr(name, image_bytes(1))
    expect_error(dataset, tmp_path, problem, "mine.zip")
