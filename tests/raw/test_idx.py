"""IDX files: written the same every time, and read only where they are whole."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from latent.errors import InputError
from latent.raw.idx import read_idx, write_idx

LABELS = bytes.fromhex("00000801 00000003 090503")


@pytest.mark.parametrize("shape", [(3,), (0,), (2, 5, 4), (0, 28, 28)])
def test_what_is_written_is_read_again(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    write_idx(tmp_path / "array.gz", array)
    read = read_idx(tmp_path / "array.gz", len(shape))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)
    assert read.shape == shape


def test_an_array_in_another_order_of_memory_is_written_row_by_row(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    write_idx(tmp_path / "rows.gz", array)
    write_idx(tmp_path / "columns.gz", np.asfortranarray(array))
    assert (tmp_path / "rows.gz").read_bytes() == (tmp_path / "columns.gz").read_bytes()


def test_bytes_depend_on_neither_the_time_nor_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, now in (("first.gz", 1.0e9), ("second.gz", 1.5e9)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        write_idx(tmp_path / name, np.arange(10, dtype=np.uint8))
    assert (tmp_path / "first.gz").read_bytes() == (tmp_path / "second.gz").read_bytes()


@pytest.mark.parametrize(
    ("shape", "header"),
    [
        ((10_000, 28, 28), "00000803 00002710 0000001c 0000001c"),
        ((60_000,), "00000801 0000ea60"),
    ],
    ids=["images", "labels"],
)
def test_header_is_that_of_the_published_files(
    tmp_path: Path, shape: tuple[int, ...], header: str
) -> None:
    write_idx(tmp_path / "array.gz", np.zeros(shape, np.uint8))
    content = gzip.decompress((tmp_path / "array.gz").read_bytes())
    assert content == bytes.fromhex(header) + bytes(int(np.prod(shape)))


def test_published_labels_are_read(tmp_path: Path) -> None:
    (tmp_path / "labels.gz").write_bytes(gzip.compress(LABELS))
    assert read_idx(tmp_path / "labels.gz", 1).tolist() == [9, 5, 3]


def refuse(path: Path, dimensions: int) -> str:
    with pytest.raises(InputError) as caught:
        read_idx(path, dimensions)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "begins with nothing, not with 00000801"),
        (gzip.compress(b""), "begins with nothing, not with 00000801"),
        (LABELS, "no whole gzip file"),
        (gzip.compress(LABELS)[:-9], "no whole gzip file"),
        (gzip.compress(LABELS)[:5], "no whole gzip file"),
        (gzip.compress(LABELS) + b"more", "no whole gzip file"),
        (gzip.compress(LABELS)[:-8] + bytes(8), "no whole gzip file"),
        (gzip.compress(b"\0\0\x09" + LABELS[3:]), "begins with 00000901, not with 00000801"),
        (gzip.compress(LABELS[:6]), "holds 6 bytes, its header alone takes 8"),
        (gzip.compress(LABELS[:-1]), "holds 2 bytes of data, not the 3"),
        (gzip.compress(LABELS + b"\1"), "holds more bytes of data, not the 3"),
    ],
    ids=[
        "empty",
        "nothing packed",
        "not packed",
        "truncated",
        "truncated header of gzip",
        "garbage behind",
        "wrong checksum",
        "other type",
        "truncated header",
        "too few",
        "too many",
    ],
)
def test_damaged_file_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "labels.gz").write_bytes(content)
    assert why in refuse(tmp_path / "labels.gz", 1)


def test_labels_in_the_place_of_images_are_refused(tmp_path: Path) -> None:
    write_idx(tmp_path / "images.gz", np.zeros(100, np.uint8))
    message = refuse(tmp_path / "images.gz", 3)
    assert "begins with 00000801, not with 00000803" in message
    assert "3 dimension(s)" in message


def test_sizes_in_the_message_are_those_of_the_header(tmp_path: Path) -> None:
    header = b"\0\0\x08\3" + struct.pack(">3I", 7, 28, 28)
    (tmp_path / "images.gz").write_bytes(gzip.compress(header + bytes(784)))
    assert "holds 784 bytes of data, not the 5488" in refuse(tmp_path / "images.gz", 3)
    assert "(7×28×28)" in refuse(tmp_path / "images.gz", 3)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refuse(tmp_path / "labels.gz", 1)


def test_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.gz").mkdir()
    assert "Is a directory" in refuse(tmp_path / "labels.gz", 1)


def test_an_empty_array_of_impossible_sides_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(struct.pack(">4B3I", 0, 0, 8, 3, 0, 2**32 - 1, 2**32 - 1)))
    with pytest.raises(InputError, match="announces 0×4294967295×4294967295 bytes"):
        read_idx(path, 3)
