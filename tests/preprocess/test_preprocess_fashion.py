"""Garments as arrays: padded exactly, in order, with their labels, or not at all."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from latent.download.fashion.published import fetch_fashion_mnist
from latent.errors import InputError
from latent.io.dataset import read_record, read_split
from latent.params import DownloadFashion, PreprocessFashion
from latent.preprocess.fashion import pad, preprocess_fashion
from latent.raw.classes import FASHION_MNIST, Classes, Skipped, write_classes
from latent.raw.idx import write_idx

ABOUT = Classes(classes=list(FASHION_MNIST))
PREFIXES = {"train": "train", "test": "t10k"}
COUNTS = {"train": 30, "test": 20}
OUTS = ["dataset.json", "test.npy", "test.parquet", "train.npy", "train.parquet"]


def draw(split: str, shape: tuple[int, int] = (28, 28)) -> NDArray[np.uint8]:
    """Return images without a black pixel, no two of them the same."""
    count = COUNTS[split]
    generator = np.random.default_rng(count)
    return generator.integers(1, 256, (count, *shape), np.uint8)


def labels_of(split: str) -> NDArray[np.uint8]:
    return (np.arange(COUNTS[split]) * 7 % 10).astype(np.uint8)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for split, prefix in PREFIXES.items():
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", draw(split))
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", labels_of(split))
    write_classes(folder, ABOUT)
    return folder


def preprocess(
    raw: Path, padding: int = 2, name: str = "fashion", halvings: int = 0, source: str = "sample"
) -> Path:
    folder = raw.parent / "processed" / name
    # Of the source no more than its name is looked at.
    download = DownloadFashion.model_construct(source=source)
    preprocess_fashion(raw, download, PreprocessFashion(padding=padding), halvings, folder)
    return folder


def refuse(raw: Path, padding: int = 2, halvings: int = 0) -> str:
    """Return why the files in `raw` are refused; that must leave nothing."""
    with pytest.raises(InputError) as caught:
        preprocess(raw, padding, halvings=halvings)
    assert list((raw.parent / "processed").glob("*")) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("padding", [0, 1, 2, 5])
def test_image_lies_in_the_middle_of_a_black_frame(raw: Path, split: str, padding: int) -> None:
    images = read_split(preprocess(raw, padding), split).images
    size = 28 + 2 * padding
    assert images.shape == (COUNTS[split], size, size, 1)
    end = padding + 28
    np.testing.assert_array_equal(images[:, padding:end, padding:end, 0], draw(split))
    # The drawn images have no black pixel, so whatever is not black is the image.
    assert np.count_nonzero(images) == COUNTS[split] * 28 * 28


@pytest.mark.parametrize("padding", [0, 2])
def test_arrays_are_bytes_in_order(raw: Path, padding: int) -> None:
    folder = preprocess(raw, padding)
    for split in PREFIXES:
        images = np.load(folder / f"{split}.npy")
        assert images.dtype == np.uint8
        assert images.flags.c_contiguous


def test_labels_are_in_the_order_of_the_images(raw: Path) -> None:
    folder = preprocess(raw)
    for split in PREFIXES:
        table = read_split(folder, split).table
        assert table.columns.tolist() == ["image_id", "label"]
        assert table["image_id"].tolist() == list(range(COUNTS[split]))
        assert table["label"].tolist() == labels_of(split).tolist()


def test_record_says_what_was_made(raw: Path) -> None:
    folder = preprocess(raw)
    record = read_record(folder)
    digest = record.pop("digest")
    assert record == {
        "name": "fashion",
        "source": "sample",
        "classes": list(FASHION_MNIST),
        "left_out": {},
        "skipped": {"count": 0, "images": {}},
        "images": COUNTS,
        "shape": [32, 32, 1],
    }
    assert len(digest) == 64
    assert sorted(path.name for path in folder.iterdir()) == OUTS


def test_record_names_the_source(raw: Path) -> None:
    assert read_record(preprocess(raw, source="fashion_mnist"))["source"] == "fashion_mnist"


def test_names_and_what_was_skipped_reach_table_and_record(raw: Path) -> None:
    about = Classes(
        classes=[*FASHION_MNIST, "Hat"],
        images={split: [f"{split}/{row}.png" for row in range(COUNTS[split])] for split in COUNTS},
        left_out={"other_files": 3},
        skipped=Skipped(count=1, images={"x.png": "is no image"}),
    )
    write_classes(raw, about)
    folder = preprocess(raw)
    record = read_record(folder)
    assert record["classes"][-1] == "Hat"
    assert record["left_out"] == {"other_files": 3}
    assert record["skipped"] == {"count": 1, "images": {"x.png": "is no image"}}
    assert record["images"] == COUNTS
    assert read_split(folder, "test").table["image_id"].tolist() == about.images["test"]


@pytest.mark.parametrize("count", [29, 31])
def test_names_for_another_number_of_images_are_refused(raw: Path, count: int) -> None:
    write_classes(raw, ABOUT.model_copy(update={"images": {"train": ["a"] * count, "test": []}}))
    assert f"classes.json: {count} names for 30 images" in refuse(raw)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        ("", "Invalid JSON"),
        ("[]", "must be as"),
        ('{"classes": []}', "classes: "),
        ('{"classes": [1]}', "classes.0: "),
        ('{"classes": ["a", "a"]}', "'a' is no name"),
        ('{"classes": ["a", ""]}', "'' is no name"),
        ('{"classes": ["a\\nb"]}', "is no name"),
        ('{"classes": ["a"], "names": []}', "names: "),
        ("[" * 100_000, "must be as"),
    ],
)
def test_names_of_classes_that_are_none_are_refused(
    raw: Path, content: str | None, said: str
) -> None:
    (raw / "classes.json").unlink()
    if content is not None:
        (raw / "classes.json").write_text(content)
    message = refuse(raw)
    assert message.startswith(f"{raw / 'classes.json'}: ")
    assert said in message


@pytest.mark.parametrize(
    ("shape", "padding", "halvings", "advice"),
    [
        ((28, 28), 0, 3, "padding=2 or 6 or 10 or 14 would do"),
        ((28, 28), 3, 5, "padding=2 or 18 or 34 or 50 would do"),
        ((30, 26), 0, 2, "padding=1 or 3 or 5 or 7 would do"),
        ((29, 29), 2, 1, "no padding on all sides can do that"),
        ((28, 30), 2, 3, "no padding on all sides can do that"),
    ],
)
def test_sides_that_cannot_be_halved_are_refused_with_a_padding_that_can(
    raw: Path, shape: tuple[int, int], padding: int, halvings: int, advice: str
) -> None:
    for split, prefix in PREFIXES.items():
        write_idx(raw / f"{prefix}-images-idx3-ubyte.gz", draw(split, shape))
    message = refuse(raw, padding, halvings)
    assert advice in message
    assert f"images of {shape[0]}×{shape[1]} pixels, with a padding of {padding}" in message
    if "would do" in advice:
        preprocess(raw, int(advice.split("=")[1].split(maxsplit=1)[0]), halvings=halvings)


def test_two_runs_give_the_same_bytes(raw: Path) -> None:
    first, second = preprocess(raw, name="first"), preprocess(raw, name="second")
    for name in OUTS:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_pad_keeps_the_shape_of_images_that_are_not_square() -> None:
    images = draw("test", (5, 9))
    padded = pad(images, 3)
    assert padded.shape == (20, 11, 15, 1)
    np.testing.assert_array_equal(padded[:, 3:8, 3:12, 0], images)


def test_pad_leaves_its_argument_alone() -> None:
    images = draw("test")
    pad(images, 0)[:] = 0
    np.testing.assert_array_equal(images, draw("test"))


@pytest.mark.parametrize(("split", "prefix"), PREFIXES.items())
@pytest.mark.parametrize("difference", [-1, 1])
def test_other_number_of_labels_is_refused(
    raw: Path, split: str, prefix: str, difference: int
) -> None:
    path = raw / f"{prefix}-labels-idx1-ubyte.gz"
    count = COUNTS[split] + difference
    write_idx(path, np.zeros(count, np.uint8))
    message = refuse(raw)
    assert message.startswith(f"{path}: {count} labels for {COUNTS[split]} images; ")


@pytest.mark.parametrize("prefix", PREFIXES.values())
@pytest.mark.parametrize("label", [10, 255])
def test_label_without_a_class_is_refused(raw: Path, prefix: str, label: int) -> None:
    path = raw / f"{prefix}-labels-idx1-ubyte.gz"
    labels = labels_of("train" if prefix == "train" else "test")
    labels[3] = label
    write_idx(path, labels)
    assert refuse(raw) == f"{path}: label {label}; 0 to 9 are allowed"


@pytest.mark.parametrize("prefix", PREFIXES.values())
@pytest.mark.parametrize("kind", ["images-idx3", "labels-idx1"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "other"])
def test_missing_or_damaged_file_is_refused(raw: Path, prefix: str, kind: str, damage: str) -> None:
    path = raw / f"{prefix}-{kind}-ubyte.gz"
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        write_idx(path, np.zeros((2, 2), np.uint8))
    assert refuse(raw).startswith(f"{path}: ")


def test_split_without_images_is_refused(raw: Path) -> None:
    write_idx(raw / "t10k-images-idx3-ubyte.gz", np.zeros((0, 28, 28), np.uint8))
    write_idx(raw / "t10k-labels-idx1-ubyte.gz", np.zeros(0, np.uint8))
    assert refuse(raw) == "sample: no image is left in the test split"


def test_the_real_files(tmp_path: Path) -> None:
    nearby = Path(__file__).parents[2] / "../shared/data/fashion-mnist"
    location = os.environ.get("LATENT_FASHION_MNIST") or str(nearby)
    if location == str(nearby) and not nearby.exists():
        pytest.skip("the real Fashion-MNIST is not here")
    raw = tmp_path / "raw"
    raw.mkdir()
    fetch_fashion_mnist(location, tmp_path, raw)
    write_classes(raw, ABOUT)
    folder = preprocess(raw)
    record = read_record(folder)
    assert record["images"] == {"train": 60_000, "test": 10_000}
    assert record["shape"] == [32, 32, 1]
    train = read_split(folder, "train")
    # The first garment is an ankle boot; each class is there as often as the others.
    assert train.table["label"][0] == 9
    assert train.table["label"].value_counts().to_dict() == dict.fromkeys(range(10), 6_000)
    # The mean of the published images is 0.2860; the frame adds nothing to their sum.
    assert train.images.sum(dtype=np.int64) / (60_000 * 784 * 255) == pytest.approx(
        0.2860, abs=1e-4
    )
