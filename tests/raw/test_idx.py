"""Reading and writing IDX files."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from latent.errors import InputError
from latent.raw.idx import read_idx, write_idx

LABELS = bytes.fromhex("00000801 00000003 090503")


@pytest.mark.parametrize("shape", [(3,), (0,), (2, 5, 4), (0, 28, 28)])
def test_round_trip(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    write_idx(tmp_path / "array.gz", array)
    read = read_idx(tmp_path / "array.gz", len(shape))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)
    assert read.shape == shape


def test_memory_layout_does_not_change_bytes(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    write_idx(tmp_path / "rows.gz", array)
    write_idx(tmp_path / "columns.gz", np.asfortranarray(array))
    assert (tmp_path / "rows.gz").read_bytes() == (tmp_path / "columns.gz").read_bytes()


def test_bytes_do_not_depend_on_time_or_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, now in (("first.gz", 1.0e9), ("second.gz", 1.5e9)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        write_idx(tmp_path / name, np.arange(10, dtype=np.uint8))
    assert (tmp_path / "first.gz").read_bytes() == (tmp_path / "second.gz").read_bytes()


def test_header_does_not_depend_on_the_version_of_python(tmp_path: Path) -> None:
    write_idx(tmp_path / "array.gz", np.arange(10, dtype=np.uint8))
    # No flags, no time, no hint about the compression, and the system: zlib's code, not "unknown".
    header = (tmp_path / "array.gz").read_bytes()[:10]
    assert header[:9] == b"\x1f\x8b\x08" + bytes(6)
    assert header[9] != 255


@pytest.mark.parametrize(
    ("shape", "header"),
    [
        ((10_000, 28, 28), "00000803 00002710 0000001c 0000001c"),
        ((60_000,), "00000801 0000ea60"),
    ],
    ids=["images", "labels"],
)
def test_header_equals_published_files(tmp_path: Path, shape: tuple[int, ...], header: str) -> None:
    write_idx(tmp_path / "array.gz", np.zeros(shape, np.uint8))
    content = gzip.decompress((tmp_path / "array.gz").read_bytes())
    assert content == bytes.fromhex(header) + bytes(int(np.prod(shape)))


def test_labels_are_read(tmp_path: Path) -> None:
    (tmp_path / "labels.gz").write_bytes(gzip.compress(LABELS))
    assert read_idx(tmp_path / "labels.gz", 1).tolist() == [9, 5, 3]


def get_error(path: Path, dimensions: int) -> str:
    with pytest.raises(InputError) as caught:
        read_idx(path, dimensions)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "begins with nothing; an IDX file of unsigned bytes in 1 dimension(s)"),
        (
            gzip.compress(b""),
            "begins with nothing; an IDX file of unsigned bytes in 1 dimension(s)",
        ),
        (LABELS, "not a valid gzip file"),
        (gzip.compress(LABELS)[:-9], "not a valid gzip file"),
        (gzip.compress(LABELS)[:5], "not a valid gzip file"),
        (gzip.compress(LABELS) + b"more", "not a valid gzip file"),
        (gzip.compress(LABELS)[:-8] + bytes(8), "not a valid gzip file"),
        (
            gzip.compress(b"\0\0\x09" + LABELS[3:]),
            "begins with 00000901; an IDX file of unsigned bytes in 1 dim",
        ),
        (gzip.compress(LABELS[:6]), "only 6 bytes; the header alone has 8 bytes"),
        (gzip.compress(LABELS[:-1]), "contains 2 bytes of data; the header declares 3 (3)"),
        (gzip.compress(LABELS + b"\1"), "contains more bytes of data; the header declares 3 (3)"),
    ],
    ids=[
        "empty",
        "empty gzip",
        "not gzipped",
        "truncated",
        "truncated gzip header",
        "trailing garbage",
        "wrong checksum",
        "other type",
        "truncated header",
        "byte missing",
        "extra byte",
    ],
)
def test_damaged_file_is_rejected(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "labels.gz").write_bytes(content)
    assert problem in get_error(tmp_path / "labels.gz", 1)


def test_labels_instead_of_images_are_rejected(tmp_path: Path) -> None:
    write_idx(tmp_path / "images.gz", np.zeros(100, np.uint8))
    message = get_error(tmp_path / "images.gz", 3)
    assert "begins with 00000801; " in message
    assert message.endswith("in 3 dimension(s) begins with 00000803")


def test_message_contains_size_in_header(tmp_path: Path) -> None:
    header = b"\0\0\x08\3" + struct.pack(">3I", 7, 28, 28)
    (tmp_path / "images.gz").write_bytes(gzip.compress(header + bytes(784)))
    assert "contains 784 bytes of data; the header declares 5488" in get_error(
        tmp_path / "images.gz", 3
    )
    assert "(7×28×28)" in get_error(tmp_path / "images.gz", 3)


def test_missing_file_is_rejected(tmp_path: Path) -> None:
    assert "no such file" in get_error(tmp_path / "labels.gz", 1)


def test_folder_instead_of_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "labels.gz").mkdir()
    assert "Is a directory" in get_error(tmp_path / "labels.gz", 1)


def test_empty_array_with_huge_sides_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(struct.pack(">4B3I", 0, 0, 8, 3, 0, 2**32 - 1, 2**32 - 1)))
    with pytest.raises(InputError, match="the header declares 0×4294967295×4294967295 bytes"):
        read_idx(path, 3)
