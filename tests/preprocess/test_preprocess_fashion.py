"""Preprocessing of Fashion-MNIST images: padding, order, labels and errors."""

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

CLASSES = Classes(classes=list(FASHION_MNIST))
PREFIXES = {"train": "train", "test": "t10k"}
COUNTS = {"train": 30, "test": 20}
OUTS = ["dataset.json", "test.npy", "test.parquet", "train.npy", "train.parquet"]


def make_images(split: str, shape: tuple[int, int] = (28, 28)) -> NDArray[np.uint8]:
    """Return different images without black pixels."""
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
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", make_images(split))
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", labels_of(split))
    write_classes(folder, CLASSES)
    return folder


def preprocess(
    raw: Path, padding: int = 2, name: str = "fashion", halvings: int = 0, source: str = "sample"
) -> Path:
    folder = raw.parent / "processed" / name
    # Only the name of the source is used.
    download = DownloadFashion.model_construct(source=source)
    preprocess_fashion(raw, download, PreprocessFashion(padding=padding), halvings, folder)
    return folder


def get_error(raw: Path, padding: int = 2, halvings: int = 0) -> str:
    """Return the error for the files in `raw`, and check that no files are left."""
    with pytest.raises(InputError) as caught:
        preprocess(raw, padding, halvings=halvings)
    assert list((raw.parent / "processed").glob("*")) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("padding", [0, 1, 2, 5])
def test_image_has_black_border(raw: Path, split: str, padding: int) -> None:
    images = read_split(preprocess(raw, padding), split).images
    size = 28 + 2 * padding
    assert images.shape == (COUNTS[split], size, size, 1)
    end = padding + 28
    np.testing.assert_array_equal(images[:, padding:end, padding:end, 0], make_images(split))
    # The generated images have no black pixels, so all black pixels are in the border.
    assert np.count_nonzero(images) == COUNTS[split] * 28 * 28


@pytest.mark.parametrize("padding", [0, 2])
def test_arrays_are_contiguous_uint8(raw: Path, padding: int) -> None:
    folder = preprocess(raw, padding)
    for split in PREFIXES:
        images = np.load(folder / f"{split}.npy")
        assert images.dtype == np.uint8
        assert images.flags.c_contiguous


def test_labels_have_order_of_images(raw: Path) -> None:
    folder = preprocess(raw)
    for split in PREFIXES:
        table = read_split(folder, split).table
        assert table.columns.tolist() == ["image_id", "label"]
        assert table["image_id"].tolist() == list(range(COUNTS[split]))
        assert table["label"].tolist() == labels_of(split).tolist()


def test_record(raw: Path) -> None:
    folder = preprocess(raw)
    record = read_record(folder)
    digest = record.pop("digest")
    assert record == {
        "name": "fashion",
        "source": "sample",
        "preparation": {"fit": "pad", "padding": 2},
        "classes": list(FASHION_MNIST),
        "left_out": {},
        "skipped": {"count": 0, "images": {}},
        "images": COUNTS,
        "shape": [32, 32, 1],
    }
    assert len(digest) == 64
    assert sorted(path.name for path in folder.iterdir()) == OUTS


def test_record_contains_source(raw: Path) -> None:
    assert read_record(preprocess(raw, source="fashion_mnist"))["source"] == "fashion_mnist"


def test_names_and_skipped_images_are_in_table_and_record(raw: Path) -> None:
    classes = Classes(
        classes=[*FASHION_MNIST, "Hat"],
        images={split: [f"{split}/{row}.png" for row in range(COUNTS[split])] for split in COUNTS},
        left_out={"other_files": 3},
        skipped=Skipped(count=1, images={"x.png": "not an image"}),
    )
    write_classes(raw, classes)
    folder = preprocess(raw)
    record = read_record(folder)
    assert record["classes"][-1] == "Hat"
    assert record["left_out"] == {"other_files": 3}
    assert record["skipped"] == {"count": 1, "images": {"x.png": "not an image"}}
    assert record["images"] == COUNTS
    assert read_split(folder, "test").table["image_id"].tolist() == classes.images["test"]


@pytest.mark.parametrize("count", [29, 31])
def test_wrong_number_of_names_is_rejected(raw: Path, count: int) -> None:
    write_classes(raw, CLASSES.model_copy(update={"images": {"train": ["a"] * count, "test": []}}))
    assert f"classes.json: {count} names for 30 images" in get_error(raw)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file"),
        ("", "Invalid JSON"),
        ("[]", "expected is"),
        ('{"classes": []}', "classes: "),
        ('{"classes": [1]}', "classes.0: "),
        ('{"classes": ["a", "a"]}', "'a' is empty, unprintable or not unique"),
        ('{"classes": ["a", ""]}', "'' is empty, unprintable or not unique"),
        ('{"classes": ["a\\nb"]}', "is empty, unprintable or not unique"),
        ('{"classes": ["a"], "names": []}', "names: "),
        ("[" * 100_000, "expected is"),
    ],
)
def test_bad_class_names_are_rejected(raw: Path, content: str | None, problem: str) -> None:
    (raw / "classes.json").unlink()
    if content is not None:
        (raw / "classes.json").write_text(content)
    message = get_error(raw)
    assert message.startswith(f"{raw / 'classes.json'}: ")
    assert problem in message


@pytest.mark.parametrize(
    ("shape", "padding", "halvings", "advice"),
    [
        ((28, 28), 0, 3, "padding to 2 or 6"),
        ((28, 28), 3, 5, "padding to 2 or 18"),
        ((28, 28), 40, 5, "padding to 34 or 50"),
        ((30, 26), 0, 2, "padding to 1 or 3"),
        ((29, 29), 2, 1, "no padding fits, resize the images"),
        ((28, 30), 2, 3, "no padding fits, resize the images"),
    ],
)
def test_sides_that_cannot_be_halved_are_rejected(
    raw: Path, shape: tuple[int, int], padding: int, halvings: int, advice: str
) -> None:
    for split, prefix in PREFIXES.items():
        write_idx(raw / f"{prefix}-images-idx3-ubyte.gz", make_images(split, shape))
    message = get_error(raw, padding, halvings)
    assert message.endswith(advice)
    assert f"images of {shape[0]}×{shape[1]} pixels with a padding of {padding}" in message
    if advice.startswith("padding to "):
        preprocess(raw, int(advice.split()[2]), halvings=halvings)


def test_reproducibility(raw: Path) -> None:
    first, second = preprocess(raw, name="first"), preprocess(raw, name="second")
    for name in OUTS:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_pad_images_that_are_not_square() -> None:
    images = make_images("test", (5, 9))
    padded = pad(images, 3)
    assert padded.shape == (20, 11, 15, 1)
    np.testing.assert_array_equal(padded[:, 3:8, 3:12, 0], images)


def test_pad_does_not_modify_its_argument() -> None:
    images = make_images("test")
    pad(images, 0)[:] = 0
    np.testing.assert_array_equal(images, make_images("test"))


@pytest.mark.parametrize(("split", "prefix"), PREFIXES.items())
@pytest.mark.parametrize("difference", [-1, 1])
def test_wrong_number_of_labels_is_rejected(
    raw: Path, split: str, prefix: str, difference: int
) -> None:
    path = raw / f"{prefix}-labels-idx1-ubyte.gz"
    count = COUNTS[split] + difference
    write_idx(path, np.zeros(count, np.uint8))
    message = get_error(raw)
    assert message.startswith(f"{path}: {count} labels for {COUNTS[split]} images; ")


@pytest.mark.parametrize("prefix", PREFIXES.values())
@pytest.mark.parametrize("label", [10, 255])
def test_label_without_class_is_rejected(raw: Path, prefix: str, label: int) -> None:
    path = raw / f"{prefix}-labels-idx1-ubyte.gz"
    labels = labels_of("train" if prefix == "train" else "test")
    labels[3] = label
    write_idx(path, labels)
    assert get_error(raw) == f"{path}: label {label}; allowed are 0 to 9"


@pytest.mark.parametrize("prefix", PREFIXES.values())
@pytest.mark.parametrize("kind", ["images-idx3", "labels-idx1"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "other"])
def test_missing_or_damaged_file_is_rejected(
    raw: Path, prefix: str, kind: str, damage: str
) -> None:
    path = raw / f"{prefix}-{kind}-ubyte.gz"
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        write_idx(path, np.zeros((2, 2), np.uint8))
    assert get_error(raw).startswith(f"{path}: ")


def test_split_without_images_is_rejected(raw: Path) -> None:
    write_idx(raw / "t10k-images-idx3-ubyte.gz", np.zeros((0, 28, 28), np.uint8))
    write_idx(raw / "t10k-labels-idx1-ubyte.gz", np.zeros(0, np.uint8))
    assert get_error(raw) == "fashion (source sample): the test split has no images"


def test_the_real_files(tmp_path: Path) -> None:
    nearby = Path(__file__).parents[2] / "../shared/data/fashion-mnist"
    location = os.environ.get("LATENT_FASHION_MNIST") or str(nearby)
    if location == str(nearby) and not nearby.exists():
        pytest.skip("Fashion-MNIST is not available")
    raw = tmp_path / "raw"
    raw.mkdir()
    fetch_fashion_mnist(location, tmp_path, raw)
    write_classes(raw, CLASSES)
    folder = preprocess(raw)
    record = read_record(folder)
    assert record["images"] == {"train": 60_000, "test": 10_000}
    assert record["shape"] == [32, 32, 1]
    train = read_split(folder, "train")
    # The first image shows an ankle boot, and all classes have the same number of images.
    assert train.table["label"][0] == 9
    assert train.table["label"].value_counts().to_dict() == dict.fromkeys(range(10), 6_000)
    # The mean of the published images is 0.2860. The black border does not change the sum.
    assert train.images.sum(dtype=np.int64) / (60_000 * 784 * 255) == pytest.approx(
        0.2860, abs=1e-4
    )
