"""Reading and writing processed datasets."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from latent.errors import InputError
from latent.io.dataset import (
    keep_rows,
    read_array,
    read_record,
    read_split,
    read_table,
    reserve_array,
    source_name,
    write_record,
)

RECORD = {"name": "squares", "source": "generated", "left_out": {"validation": 2}}


def write_split(folder: Path, split: str, count: int, rows: int | None = None) -> None:
    images = np.zeros((count, 4, 6, 3), np.uint8)
    images += np.arange(count, dtype=np.uint8)[:, None, None, None]
    np.save(folder / f"{split}.npy", images)
    numbers = np.arange(count if rows is None else rows)
    pd.DataFrame({"image_id": numbers, "label": numbers % 10}).to_parquet(
        folder / f"{split}.parquet", index=False
    )


def write_dataset(folder: Path, train: int = 3, test: int = 2) -> Path:
    folder.mkdir()
    write_split(folder, "train", train)
    write_split(folder, "test", test)
    return folder


def get_line(error: pytest.ExceptionInfo[InputError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


def test_table_rows_match_images(tmp_path: Path) -> None:
    split = read_split(write_dataset(tmp_path / "squares", train=30), "train")
    assert split.images.shape == (30, 4, 6, 3)
    assert split.images.dtype == np.uint8
    assert split.images[:, 0, 0, 0].tolist() == split.table["image_id"].tolist()
    assert split.table.columns.tolist() == ["image_id", "label"]


def test_images_are_memory_mapped_and_read_only(tmp_path: Path) -> None:
    images = read_split(write_dataset(tmp_path / "squares"), "test").images
    assert isinstance(images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 1


def test_table_of_other_length_is_rejected(tmp_path: Path) -> None:
    write_split(tmp_path, "train", 5, rows=4)
    with pytest.raises(InputError) as caught:
        read_split(tmp_path, "train")
    expected = f"{tmp_path}: train.npy has 5 images, but train.parquet has 4 rows"
    assert get_line(caught) == expected


@pytest.mark.parametrize("name", ["train.npy", "train.parquet"])
@pytest.mark.parametrize("keep", [None, 0, 4, 60, -1, -9])
def test_missing_or_truncated_file_is_rejected(tmp_path: Path, name: str, keep: int | None) -> None:
    path = write_dataset(tmp_path / "squares") / name
    content = path.read_bytes()
    path.unlink()
    if keep is not None:
        path.write_bytes(content[:keep])
    with pytest.raises(InputError) as caught:
        read_split(path.parent, "train")
    assert get_line(caught).startswith(f"{path}: cannot be read: ")


def test_pickled_array_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "objects.npy"
    np.save(path, np.array([{"code": "anything"}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError) as caught:
        read_array(path)
    assert get_line(caught).startswith(f"{path}: cannot be read: ")


def test_npz_archive_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npy"
    with path.open("wb") as file:
        np.savez(file, first=np.zeros(2), second=np.zeros(2))
    with pytest.raises(InputError) as caught:
        read_array(path)
    assert get_line(caught).startswith(f"{path}: cannot be read: ")


def test_damaged_table_is_rejected_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    write_split(tmp_path, "train", 3)
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[-8:-4], "little")
    content[-8 - size : -8] = (
        b"\xff" * size
    )  # the footer, for which pyarrow's message has several lines
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert get_line(caught).startswith(f"{path}: cannot be read: ")


def test_record_contains_given_values_and_properties_of_arrays(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "squares")
    write_record(folder, RECORD)
    names = ("train.npy", "train.parquet", "test.npy", "test.parquet")
    content = b"".join((folder / name).read_bytes() for name in names)
    expected = {
        **RECORD,
        "images": {"train": 3, "test": 2},
        "shape": [4, 6, 3],
        "digest": hashlib.sha256(content).hexdigest(),
    }
    record = read_record(folder)
    assert record == expected
    assert list(record) == list(expected)


def test_same_content_gives_same_record(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_record(write_dataset(tmp_path / name), RECORD)
    first, second = (tmp_path / name / "dataset.json" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("split", ["train", "test"])
def test_digest_depends_on_pixels(tmp_path: Path, split: str) -> None:
    folder = write_dataset(tmp_path / "squares")
    write_record(folder, RECORD)
    before = read_record(folder)["digest"]
    images = np.load(folder / f"{split}.npy")
    images[1, 2, 3, 0] += 1
    np.save(folder / f"{split}.npy", images)
    write_record(folder, RECORD)
    assert read_record(folder)["digest"] != before


@pytest.mark.parametrize("split", ["train", "test"])
def test_digest_depends_on_labels(tmp_path: Path, split: str) -> None:
    folder = write_dataset(tmp_path / "squares")
    write_record(folder, RECORD)
    before = read_record(folder)["digest"]
    table = pd.read_parquet(folder / f"{split}.parquet")
    table.loc[1, "label"] = 9
    table.to_parquet(folder / f"{split}.parquet", index=False)
    write_record(folder, RECORD)
    assert read_record(folder)["digest"] != before


@pytest.mark.parametrize(("train", "test", "empty"), [(0, 2, "train"), (3, 0, "test")])
def test_split_without_images_is_rejected(
    tmp_path: Path, train: int, test: int, empty: str
) -> None:
    folder = write_dataset(tmp_path / "squares", train, test)
    with pytest.raises(InputError) as caught:
        write_record(folder, RECORD)
    assert get_line(caught) == (f"squares (source generated): the {empty} split has no images")
    assert not (folder / "dataset.json").exists()


@pytest.mark.parametrize("content", [None, b"", b'{"name": ', b"\xff\xfe"])
def test_missing_or_damaged_record_is_rejected(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "dataset.json").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_record(tmp_path)
    assert get_line(caught).startswith(f"{tmp_path / 'dataset.json'}: cannot be read: ")


def test_record_is_readable_json(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "squares")
    write_record(folder, {**RECORD, "source": "générée"})
    text = (folder / "dataset.json").read_text(encoding="utf-8")
    assert '"source": "générée"' in text
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    "rows", [[], [0], [4999], [1, 2, 3, 4000], list(range(5000)), list(range(0, 5000, 3))]
)
def test_keep_rows(tmp_path: Path, rows: list[int]) -> None:
    path = tmp_path / "train.npy"
    reserve_array(path, np.uint8, (5000, 2, 3, 3))
    images = np.random.default_rng(0).integers(0, 256, (5000, 2, 3, 3), np.uint8)
    np.lib.format.open_memmap(path, mode="r+")[:] = images
    keep_rows(path, np.array(rows, np.intp))
    np.testing.assert_array_equal(read_array(path), images[rows])
    # The file contains nothing else.
    np.save(tmp_path / "expected.npy", images[rows])
    assert path.read_bytes() == (tmp_path / "expected.npy").read_bytes()


def test_reserved_array_is_zero_and_allocated(tmp_path: Path) -> None:
    path = tmp_path / "train.npy"
    reserve_array(path, np.uint8, (100, 32, 32, 3))
    assert not read_array(path).any()
    assert read_array(path).shape == (100, 32, 32, 3)
    assert path.stat().st_blocks * 512 >= 100 * 32 * 32 * 3


def test_full_disk_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "train.npy"
    with pytest.raises(InputError) as caught:
        reserve_array(path, np.uint8, (1 << 40, 32, 32, 3))
    assert get_line(caught).startswith(f"{path}: cannot allocate 3,377,699,720,527,872 bytes")


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"name": "fashion", "source": "sample"}, "synthetic sample data"),
        ({"name": "faces", "source": "sample"}, "synthetic sample data"),
        ({"name": "fashion", "source": "fashion_mnist"}, "Fashion-MNIST"),
        ({"name": "faces", "source": "archive"}, "CelebA"),
        ({"name": "faces", "source": "kaggle"}, "CelebA"),
        ({"name": "faces", "source": "folder"}, "user-supplied images"),
        ({"name": "fashion", "source": "folder"}, "user-supplied images"),
    ],
)
def test_source_names_distinguish_the_sample_from_the_dataset(
    record: dict[str, str], name: str
) -> None:
    assert source_name(record) == name
