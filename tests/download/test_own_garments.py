"""User-supplied Fashion-MNIST images and IDX files: rows, labels, splits and skipped images."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from latent.download.fashion.download import download_fashion
from latent.errors import InputError
from latent.io.dataset import read_record, read_split
from latent.params import DownloadFashion, FashionFolder, PreprocessFashion
from latent.preprocess.fashion import preprocess_fashion
from latent.raw.idx import read_idx, write_idx

LOCATION = "images/fashion"
FOLDER = FashionFolder(
    location=LOCATION,
    zip_encoding=None,
    size=28,
    test_fraction=0.25,
    max_bad_fraction=0.1,
    seed=42,
)
PREFIXES = {"train": "train", "test": "t10k"}


def make_image(number: int) -> NDArray[np.uint8]:
    """Return an image that shows its number as black and white bits, which survive compression."""
    bits = [255 * (number >> bit & 1) for bit in range(8)]
    return np.repeat(np.array(bits, np.uint8), 28 * 28 // 8 // 2 * 2).reshape(-1, 28)


def read_number(image: NDArray[np.uint8]) -> int:
    """Return the number of an image that `make_image` made, also after padding."""
    inner = image[..., 0][2:-2, 2:-2].reshape(8, -1) if image.ndim == 3 else image.reshape(8, -1)
    return sum(int(part.mean() > 127) << bit for bit, part in enumerate(inner))


def save_image(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(make_image(number)).save(path)


def download(root: Path, folder: FashionFolder = FOLDER) -> Path:
    params = DownloadFashion.model_construct(source="folder", folder=folder)
    download_fashion(params, root, root / "raw")
    return root / "raw"


def process(root: Path, folder: FashionFolder = FOLDER) -> Path:
    raw = download(root, folder)
    source = DownloadFashion.model_construct(source="folder")
    preprocess_fashion(raw, source, PreprocessFashion(padding=2), 3, root / "processed")
    return root / "processed"


def get_error(root: Path, folder: FashionFolder = FOLDER) -> str:
    with pytest.raises(InputError) as caught:
        download(root, folder)
    assert not (root / "raw").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rows(folder: Path) -> dict[str, tuple[str, str, int]]:
    """Return the split, class and number of each image, by name."""
    classes = read_record(folder)["classes"]
    found = {}
    for split in ("train", "test"):
        part = read_split(folder, split)
        for image, name, label in zip(
            part.images, part.table["image_id"], part.table["label"], strict=True
        ):
            found[name] = (split, classes[label], read_number(image))
    return found


def save_images(root: Path, classes: tuple[str, ...] = ("cup", "hat", "cane")) -> dict[str, int]:
    """Write 60 images in folders of classes; return their numbers by name."""
    numbers = {f"{classes[n % 3]}/{n}.{('png', 'bmp', 'webp')[n // 3 % 3]}": n for n in range(60)}
    for name, number in numbers.items():
        save_image(root / LOCATION / name, number)
    return numbers


def test_images_have_class_and_name(tmp_path: Path) -> None:
    numbers = save_images(tmp_path)
    folder = process(tmp_path)
    found = rows(folder)
    assert {name: number for name, (_, _, number) in found.items()} == numbers
    assert all(name.split("/")[0] == class_name for name, (_, class_name, _) in found.items())
    record = read_record(folder)
    assert record["classes"] == ["cane", "cup", "hat"]
    assert record["source"] == "folder"
    assert record["skipped"] == {"count": 0, "images": {}}
    assert 5 < record["images"]["test"] < 25


def test_first_images_of_split_are_of_all_classes(tmp_path: Path) -> None:
    save_images(tmp_path)
    table = read_split(process(tmp_path), "train").table
    assert set(table["label"][:12]) == {0, 1, 2}
    assert table["image_id"].tolist() != sorted(table["image_id"])


def test_rows_stay_aligned_if_images_are_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = save_images(tmp_path)
    before = rows(process(tmp_path))
    broken = {
        "cup/0.png": "not a JPEG",
        "cane/11.png": "cannot be decoded",
        "hat/4.bmp": "empty file",
    }
    images = tmp_path / LOCATION
    (images / "cup/0.png").write_text("<html>")
    (images / "cane/11.png").write_bytes((images / "cane/11.png").read_bytes()[:60])
    (images / "hat/4.bmp").write_bytes(b"")
    folder = process(tmp_path)
    assert rows(folder) == {name: row for name, row in before.items() if name not in broken}
    assert set(rows(folder)) == set(numbers) - set(broken)
    skipped = read_record(folder)["skipped"]
    assert skipped["count"] == 3
    assert list(skipped["images"]) == sorted(broken)
    for name, reason in broken.items():
        assert skipped["images"][name].startswith(reason)
    (line,) = caplog.messages
    assert "3 of 60 images cannot be used and are skipped" in line
    assert "cup/0.png" in line


def test_too_many_bad_images_are_rejected(tmp_path: Path) -> None:
    save_images(tmp_path)
    for name in ("cup/0.png", "cup/3.bmp", "cup/6.webp"):
        (tmp_path / LOCATION / name).write_bytes(b"bad")
    strict = FOLDER.model_copy(update={"max_bad_fraction": 0.049})
    message = get_error(tmp_path, strict)
    assert "3 of 60 images cannot be used, more than" in message
    assert "max_bad_fraction (0.049) allows: cup/0.png: not a JPEG" in message
    download(tmp_path, FOLDER.model_copy(update={"max_bad_fraction": 0.05}))


def test_adding_images_changes_no_other_rows(tmp_path: Path) -> None:
    save_images(tmp_path)
    before = rows(process(tmp_path))
    for number in range(60, 90):
        save_image(tmp_path / LOCATION / f"arrow/{number}.png", number)
    after = rows(process(tmp_path))
    assert {name: row for name, row in after.items() if name in before} == before
    assert len(after) == 90


def test_seed_and_fraction_determine_split(tmp_path: Path) -> None:
    save_images(tmp_path)

    def test_set(**changes: float) -> set[str]:
        found = rows(process(tmp_path, FOLDER.model_copy(update=changes)))
        return {name for name, (split, _, _) in found.items() if split == "test"}

    assert test_set(seed=1) != test_set(seed=2)
    assert test_set(seed=1) == test_set(seed=1)
    assert test_set(test_fraction=0.2) < test_set(test_fraction=0.6)


def pack(source: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(source.rglob("*"), reverse=True):
            archive.write(path, path.relative_to(source))


@pytest.mark.parametrize("outer", ["", "mine", "a/b"])
def test_zip_and_outer_folders_give_same_files(tmp_path: Path, outer: str) -> None:
    save_images(tmp_path)
    download(tmp_path)
    expected = {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()}
    wrapped = tmp_path / "wrapped" / outer
    wrapped.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / LOCATION).rename(wrapped)
    pack(tmp_path / "wrapped", tmp_path / "mine.zip")
    for location in ("wrapped", "mine.zip", str(tmp_path / "mine.zip")):
        raw = download(tmp_path, FOLDER.model_copy(update={"location": location}))
        assert {path.name: path.read_bytes() for path in raw.iterdir()} == expected


@pytest.mark.parametrize("names", [("train", "test"), ("Train", "TEST")])
def test_train_and_test_folders_are_used(tmp_path: Path, names: tuple[str, str]) -> None:
    for number in range(12):
        folder = tmp_path / LOCATION / names[number % 3 == 0] / f"kind {number % 2}"
        save_image(folder / f"{'deep/down/' * (number % 2)}{number}.png", number)
    found = rows(process(tmp_path))
    assert len(found) == 12
    for name, (split, class_name, number) in found.items():
        assert split == ("test" if number % 3 == 0 else "train")
        assert class_name == f"kind {number % 2}"
        assert name.endswith(f"/{number}.png")


@pytest.mark.parametrize("below", ["", "images/"])
def test_split_folder_may_be_nested_in_itself(tmp_path: Path, below: str) -> None:
    for number in range(12):
        split = ("train", "test")[number % 3 == 0]
        folder = f"{split}/{below}{split}/kind {number % 2}"
        save_image(tmp_path / LOCATION / folder / f"{number}.png", number)
    found = rows(process(tmp_path)).values()
    assert {row[:2] for row in found} == {
        (split, name) for split in ("train", "test") for name in ("kind 0", "kind 1")
    }


@pytest.mark.parametrize("outer", ["", "train/"])
def test_class_may_have_the_name_of_a_split(tmp_path: Path, outer: str) -> None:
    names = ["train/train/old/1", "train/car/new/2", "test/train/old/3", "test/car/new/4"]
    for number, name in enumerate(names):
        save_image(tmp_path / LOCATION / f"{outer}{name}.png", number)
    assert sorted(rows(process(tmp_path)).values()) == [
        ("test", "car", 3),
        ("test", "train", 2),
        ("train", "car", 1),
        ("train", "train", 0),
    ]


def test_train_folder_without_test_folder_is_split(tmp_path: Path) -> None:
    for number in range(40):
        save_image(tmp_path / LOCATION / "train" / "ab"[number % 2] / f"{number}.png", number)
    record = read_record(process(tmp_path))
    assert record["classes"] == ["a", "b"]
    assert record["images"]["test"] > 3


def test_hidden_and_other_files_are_ignored(tmp_path: Path) -> None:
    save_images(tmp_path)
    images = tmp_path / LOCATION
    for name in (".DS_Store", ".git/a.png", "cup/._0.png", "__MACOSX/cup/._0.png"):
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        (images / name).write_bytes(b"x")
    for name in ("notes.txt", "cup/Thumbs.db", "hat/image.tif"):
        (images / name).write_bytes(b"x")
    (images / "empty").mkdir()
    record = read_record(process(tmp_path))
    assert record["left_out"] == {"other_files": 3}
    assert sum(record["images"].values()) == 60
    assert record["classes"] == ["cane", "cup", "hat"]


def test_many_classes_with_unusual_names(tmp_path: Path) -> None:
    names = ["été", "a b", "日本", "x" * 100, "$1$", *(f"kind {number:02}" for number in range(20))]
    for number in range(150):
        save_image(tmp_path / LOCATION / names[number % 25] / f"{number}.png", number)
    folder = process(tmp_path)
    assert read_record(folder)["classes"] == sorted(names)
    assert {row[1:] for row in rows(folder).values()} == {(names[n % 25], n) for n in range(150)}


def test_image_size(tmp_path: Path) -> None:
    save_images(tmp_path)
    download(tmp_path, FOLDER.model_copy(update={"size": 12}))
    images = read_idx(tmp_path / "raw/train-images-idx3-ubyte.gz", 3)
    assert images.shape[1:] == (12, 12)


# IDX files


def write_idx_files(folder: Path, shape: tuple[int, int] = (28, 28), classes: int = 10) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    for prefix, count in (("train", 30), ("t10k", 12)):
        images = generator.integers(0, 256, (count, *shape), np.uint8)
        labels = (np.arange(count) % classes).astype(np.uint8)
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", labels)


def decompress(folder: Path) -> None:
    for path in folder.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()


@pytest.mark.parametrize("subfolder", ["", "deep/down"])
@pytest.mark.parametrize("change", [lambda folder: None, decompress])
def test_idx_files_are_read_gzipped_or_not(
    tmp_path: Path, subfolder: str, change: Callable[[Path], None]
) -> None:
    folder = tmp_path / LOCATION / subfolder
    write_idx_files(folder)
    expected = {path.name: path.read_bytes() for path in folder.glob("*.gz")}
    change(folder)
    raw = download(tmp_path)
    assert {path.name: path.read_bytes() for path in raw.glob("*.gz")} == expected
    record = read_record(process(tmp_path))
    assert record["classes"] == [str(label) for label in range(10)]
    assert record["images"] == {"train": 30, "test": 12}


def test_idx_files_of_other_size_with_class_names(tmp_path: Path) -> None:
    folder = tmp_path / LOCATION
    write_idx_files(folder, (20, 12), classes=3)
    (folder / "classes.json").write_text(json.dumps({"classes": ["a", "b", "c", "d"]}))
    record = read_record(process(tmp_path))
    assert record["classes"] == ["a", "b", "c", "d"]
    assert record["shape"] == [24, 16, 1]


@pytest.mark.parametrize("name", ["Classes.JSON", "names/classes.json"])
def test_class_names_in_another_folder_or_case_are_found(tmp_path: Path, name: str) -> None:
    write_idx_files(tmp_path / LOCATION / "idx", classes=3)
    path = tmp_path / LOCATION / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"classes": ["a", "b", "c"]}))
    assert read_record(process(tmp_path))["classes"] == ["a", "b", "c"]


def test_class_names_next_to_the_training_images_have_precedence(tmp_path: Path) -> None:
    write_idx_files(tmp_path / LOCATION / "idx", classes=1)
    for name in ("a/classes.json", "b/classes.json"):
        path = tmp_path / LOCATION / name
        path.parent.mkdir()
        path.write_text(json.dumps({"classes": [name]}))
    with pytest.raises(InputError, match=r"both a/classes\.json and b/classes\.json; only"):
        process(tmp_path)
    (tmp_path / LOCATION / "idx/classes.json").write_text(json.dumps({"classes": ["c"]}))
    assert read_record(process(tmp_path))["classes"] == ["c"]


def test_raw_files_can_be_used_as_source(tmp_path: Path) -> None:
    save_images(tmp_path)
    first = download(tmp_path).rename(tmp_path / "first")
    again = download(tmp_path, FOLDER.model_copy(update={"location": "first"}))
    for path in first.glob("*.gz"):
        assert (again / path.name).read_bytes() == path.read_bytes()
    names = [json.loads((raw / "classes.json").read_text())["classes"] for raw in (first, again)]
    assert names[0] == names[1] == ["cane", "cup", "hat"]


def test_a_size_that_cannot_be_used_is_rejected_before_images_are_read(tmp_path: Path) -> None:
    params = DownloadFashion.model_construct(source="folder", folder=FOLDER)
    unreadable = tmp_path / LOCATION / "cup/1.png"
    unreadable.parent.mkdir(parents=True)
    unreadable.write_bytes(b"no image")
    with pytest.raises(InputError, match=r"^size is 28: no$"):
        download_fashion(params, tmp_path, tmp_path / "raw", "size is 28: no")
    assert not (tmp_path / "raw").exists()
    # IDX files have their own size.
    unreadable.unlink()
    write_idx_files(tmp_path / LOCATION / "idx")
    download_fashion(params, tmp_path, tmp_path / "raw", "size is 28: no")
    assert len(read_idx(tmp_path / "raw/train-images-idx3-ubyte.gz", 3))


def test_idx_files_with_256_classes(tmp_path: Path) -> None:
    location = tmp_path / LOCATION
    write_idx_files(location)
    labels = np.linspace(0, 255, 30).astype(np.uint8)
    write_idx(location / "train-labels-idx1-ubyte.gz", labels)
    folder = process(tmp_path)
    assert len(read_record(folder)["classes"]) == 256
    assert read_split(folder, "train").table["label"].tolist() == labels.tolist()
