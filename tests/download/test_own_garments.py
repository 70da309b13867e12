"""Garments of the user's own: every image in its row, with its label, whatever is skipped."""

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

PLACE = "images/fashion"
FOLDER = FashionFolder(location=PLACE, size=28, test_fraction=0.25, max_bad_fraction=0.1, seed=42)
PREFIXES = {"train": "train", "test": "t10k"}


def shade(number: int) -> NDArray[np.uint8]:
    """An image that says which one it is, in shades that no decoder changes much."""
    bits = [255 * (number >> bit & 1) for bit in range(8)]
    return np.repeat(np.array(bits, np.uint8), 28 * 28 // 8 // 2 * 2).reshape(-1, 28)


def number_of(image: NDArray[np.uint8]) -> int:
    """The number that `shade` made an image of, scaled and padded as it may be."""
    inner = image[..., 0][2:-2, 2:-2].reshape(8, -1) if image.ndim == 3 else image.reshape(8, -1)
    return sum(int(part.mean() > 127) << bit for bit, part in enumerate(inner))


def draw(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(shade(number)).save(path)


def download(root: Path, folder: FashionFolder = FOLDER) -> Path:
    params = DownloadFashion.model_construct(source="folder", folder=folder)
    download_fashion(params, root, root / "raw")
    return root / "raw"


def process(root: Path, folder: FashionFolder = FOLDER) -> Path:
    raw = download(root, folder)
    source = DownloadFashion.model_construct(source="folder")
    preprocess_fashion(raw, source, PreprocessFashion(padding=2), 3, root / "processed")
    return root / "processed"


def refuse(root: Path, folder: FashionFolder = FOLDER) -> str:
    with pytest.raises(InputError) as caught:
        download(root, folder)
    assert not (root / "raw").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rows(folder: Path) -> dict[str, tuple[str, str, int]]:
    """Return split, class and number of each image, by its name."""
    classes = read_record(folder)["classes"]
    found = {}
    for split in ("train", "test"):
        part = read_split(folder, split)
        for image, name, label in zip(
            part.images, part.table["image_id"], part.table["label"], strict=True
        ):
            found[name] = (split, classes[label], number_of(image))
    return found


def many(root: Path, kinds: tuple[str, ...] = ("cup", "hat", "cane")) -> dict[str, int]:
    """Draw 60 images in folders of classes; return their numbers by name."""
    numbers = {f"{kinds[n % 3]}/{n}.{('png', 'bmp', 'webp')[n // 3 % 3]}": n for n in range(60)}
    for name, number in numbers.items():
        draw(root / PLACE / name, number)
    return numbers


def test_every_image_has_its_class_and_name(tmp_path: Path) -> None:
    numbers = many(tmp_path)
    folder = process(tmp_path)
    found = rows(folder)
    assert {name: number for name, (_, _, number) in found.items()} == numbers
    assert all(name.split("/")[0] == of_class for name, (_, of_class, _) in found.items())
    record = read_record(folder)
    assert record["classes"] == ["cane", "cup", "hat"]
    assert record["source"] == "folder"
    assert record["skipped"] == {"count": 0, "images": {}}
    assert 5 < record["images"]["test"] < 25


def test_the_first_images_of_a_split_are_of_all_classes(tmp_path: Path) -> None:
    many(tmp_path)
    table = read_split(process(tmp_path), "train").table
    assert set(table["label"][:12]) == {0, 1, 2}
    assert table["image_id"].tolist() != sorted(table["image_id"])


def test_rows_stay_aligned_whatever_is_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = many(tmp_path)
    before = rows(process(tmp_path))
    broken = {
        "cup/0.png": "is no JPEG",
        "cane/11.png": "cannot be decoded",
        "hat/4.bmp": "is empty",
    }
    place = tmp_path / PLACE
    (place / "cup/0.png").write_text("<html>")
    (place / "cane/11.png").write_bytes((place / "cane/11.png").read_bytes()[:60])
    (place / "hat/4.bmp").write_bytes(b"")
    folder = process(tmp_path)
    assert rows(folder) == {name: row for name, row in before.items() if name not in broken}
    assert set(rows(folder)) == set(numbers) - set(broken)
    skipped = read_record(folder)["skipped"]
    assert skipped["count"] == 3
    assert list(skipped["images"]) == sorted(broken)
    for name, reason in broken.items():
        assert skipped["images"][name].startswith(reason)
    (line,) = caplog.messages
    assert "3 of 60 images were skipped" in line
    assert "cup/0.png" in line


def test_too_many_bad_images_are_an_error(tmp_path: Path) -> None:
    many(tmp_path)
    for name in ("cup/0.png", "cup/3.bmp", "cup/6.webp"):
        (tmp_path / PLACE / name).write_bytes(b"bad")
    strict = FOLDER.model_copy(update={"max_bad_fraction": 0.049})
    message = refuse(tmp_path, strict)
    assert "3 of 60 images were skipped, more than" in message
    assert "max_bad_fraction (0.049) allows: cup/0.png is no JPEG" in message
    download(tmp_path, FOLDER.model_copy(update={"max_bad_fraction": 0.05}))


def test_another_image_moves_none(tmp_path: Path) -> None:
    many(tmp_path)
    before = rows(process(tmp_path))
    for number in range(60, 90):
        draw(tmp_path / PLACE / f"arrow/{number}.png", number)
    after = rows(process(tmp_path))
    assert {name: row for name, row in after.items() if name in before} == before
    assert len(after) == 90


def test_the_seed_and_the_fraction_decide_the_split(tmp_path: Path) -> None:
    many(tmp_path)

    def held_out(**changes: float) -> set[str]:
        found = rows(process(tmp_path, FOLDER.model_copy(update=changes)))
        return {name for name, (split, _, _) in found.items() if split == "test"}

    assert held_out(seed=1) != held_out(seed=2)
    assert held_out(seed=1) == held_out(seed=1)
    assert held_out(test_fraction=0.2) < held_out(test_fraction=0.6)


def pack(source: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(source.rglob("*"), reverse=True):
            archive.write(path, path.relative_to(source))


@pytest.mark.parametrize("around", ["", "mine", "a/b"])
def test_a_zip_and_folders_around_give_the_same(tmp_path: Path, around: str) -> None:
    many(tmp_path)
    download(tmp_path)
    expected = {path.name: path.read_bytes() for path in (tmp_path / "raw").iterdir()}
    wrapped = tmp_path / "wrapped" / around
    wrapped.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / PLACE).rename(wrapped)
    pack(tmp_path / "wrapped", tmp_path / "mine.zip")
    for location in ("wrapped", "mine.zip", str(tmp_path / "mine.zip")):
        raw = download(tmp_path, FOLDER.model_copy(update={"location": location}))
        assert {path.name: path.read_bytes() for path in raw.iterdir()} == expected


@pytest.mark.parametrize("names", [("train", "test"), ("Train", "TEST")])
def test_given_splits_are_kept(tmp_path: Path, names: tuple[str, str]) -> None:
    for number in range(12):
        of_class = tmp_path / PLACE / names[number % 3 == 0] / f"kind {number % 2}"
        draw(of_class / f"{'deep/down/' * (number % 2)}{number}.png", number)
    found = rows(process(tmp_path))
    assert len(found) == 12
    for name, (split, of_class, number) in found.items():
        assert split == ("test" if number % 3 == 0 else "train")
        assert of_class == f"kind {number % 2}"
        assert name.endswith(f"/{number}.png")


def test_train_alone_is_split(tmp_path: Path) -> None:
    for number in range(40):
        draw(tmp_path / PLACE / "train" / "ab"[number % 2] / f"{number}.png", number)
    record = read_record(process(tmp_path))
    assert record["classes"] == ["a", "b"]
    assert record["images"]["test"] > 3


def test_hidden_and_other_files_are_no_images(tmp_path: Path) -> None:
    many(tmp_path)
    place = tmp_path / PLACE
    for name in (".DS_Store", ".git/a.png", "cup/._0.png", "__MACOSX/cup/._0.png"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b"x")
    for name in ("notes.txt", "cup/Thumbs.db", "hat/picture.tif"):
        (place / name).write_bytes(b"x")
    (place / "empty").mkdir()
    record = read_record(process(tmp_path))
    assert record["left_out"] == {"other_files": 3}
    assert sum(record["images"].values()) == 60
    assert record["classes"] == ["cane", "cup", "hat"]


def test_more_than_ten_classes_and_names_of_any_kind(tmp_path: Path) -> None:
    names = ["été", "a b", "日本", "x" * 100, "$1$", *(f"kind {number:02}" for number in range(20))]
    for number in range(150):
        draw(tmp_path / PLACE / names[number % 25] / f"{number}.png", number)
    folder = process(tmp_path)
    assert read_record(folder)["classes"] == sorted(names)
    assert {row[1:] for row in rows(folder).values()} == {(names[n % 25], n) for n in range(150)}


def test_an_own_size(tmp_path: Path) -> None:
    many(tmp_path)
    download(tmp_path, FOLDER.model_copy(update={"size": 12}))
    images = read_idx(tmp_path / "raw/train-images-idx3-ubyte.gz", 3)
    assert images.shape[1:] == (12, 12)


# IDX files


def write_files(place: Path, shape: tuple[int, int] = (28, 28), classes: int = 10) -> None:
    place.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    for prefix, count in (("train", 30), ("t10k", 12)):
        images = generator.integers(0, 256, (count, *shape), np.uint8)
        labels = (np.arange(count) % classes).astype(np.uint8)
        write_idx(place / f"{prefix}-images-idx3-ubyte.gz", images)
        write_idx(place / f"{prefix}-labels-idx1-ubyte.gz", labels)


def unpack(place: Path) -> None:
    for path in place.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()


@pytest.mark.parametrize("around", ["", "deep/down"])
@pytest.mark.parametrize("change", [lambda place: None, unpack])
def test_idx_files_are_taken_packed_or_not(
    tmp_path: Path, around: str, change: Callable[[Path], None]
) -> None:
    place = tmp_path / PLACE / around
    write_files(place)
    expected = {path.name: path.read_bytes() for path in place.glob("*.gz")}
    change(place)
    raw = download(tmp_path)
    assert {path.name: path.read_bytes() for path in raw.glob("*.gz")} == expected
    record = read_record(process(tmp_path))
    assert record["classes"] == [str(label) for label in range(10)]
    assert record["images"] == {"train": 30, "test": 12}


def test_idx_files_of_other_sides_and_classes_with_names(tmp_path: Path) -> None:
    place = tmp_path / PLACE
    write_files(place, (20, 12), classes=3)
    (place / "classes.json").write_text(json.dumps({"classes": ["a", "b", "c", "d"]}))
    record = read_record(process(tmp_path))
    assert record["classes"] == ["a", "b", "c", "d"]
    assert record["shape"] == [24, 16, 1]


def test_what_was_downloaded_can_be_given_again(tmp_path: Path) -> None:
    many(tmp_path)
    first = download(tmp_path).rename(tmp_path / "first")
    again = download(tmp_path, FOLDER.model_copy(update={"location": "first"}))
    for path in first.glob("*.gz"):
        assert (again / path.name).read_bytes() == path.read_bytes()
    names = [json.loads((raw / "classes.json").read_text())["classes"] for raw in (first, again)]
    assert names[0] == names[1] == ["cane", "cup", "hat"]


def test_all_labels_of_a_byte(tmp_path: Path) -> None:
    place = tmp_path / PLACE
    write_files(place)
    labels = np.linspace(0, 255, 30).astype(np.uint8)
    write_idx(place / "train-labels-idx1-ubyte.gz", labels)
    folder = process(tmp_path)
    assert len(read_record(folder)["classes"]) == 256
    assert read_split(folder, "train").table["label"].tolist() == labels.tolist()
