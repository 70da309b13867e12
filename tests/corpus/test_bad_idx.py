"""IDX files that are damaged, malicious or inconsistent."""

import gzip
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from making import COUNT, SIDE, read_numbers, stripes
from runs import check_error, expect_fashion_error, run_fashion

from latent.download.fashion.download import download_fashion
from latent.download.fashion.published import CONTENT_SHA256
from latent.errors import InputError
from latent.io.dataset import read_record
from latent.params import DownloadFashion

pytestmark = pytest.mark.usefixtures("patience")

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
PIXELS = np.stack([stripes(n) for n in range(COUNT)])


def idx(array: np.ndarray, *shape: int) -> bytes:
    """Return an IDX file whose header declares a shape, by default the actual one."""
    shape = shape or array.shape
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + array.tobytes()


def valid_files() -> dict[str, bytes]:
    numbers = np.arange(COUNT, dtype=np.uint8)
    return {
        IMAGES: idx(PIXELS),
        LABELS: idx(numbers),
        TEST_IMAGES: idx(PIXELS[:5]),
        TEST_LABELS: idx(numbers[:5]),
    }


def write(root: Path, contents: dict[str, bytes]) -> Path:
    mine = root / "mine"
    mine.mkdir()
    for name, content in contents.items():
        (mine / name).write_bytes(content)
    return mine


def with_images(content: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda contents: contents.update({IMAGES: content})


def with_labels(content: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda contents: contents.update({LABELS: content})


def gzipped_images(content: bytes) -> Callable[[dict[str, bytes]], object]:
    """Return a change that replaces the images by a gzip file."""
    return lambda contents: contents.update({f"{IMAGES}.gz": content}) or contents.pop(IMAGES)


def with_classes(content: object) -> Callable[[dict[str, bytes]], object]:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return lambda contents: contents.update({"classes.json": text})


VALID = idx(PIXELS)
HUGE = 0xFFFFFFFF

BAD: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "empty": (with_images(b""), "begins with nothing"),
    "text file": (with_images(b"hello\n"), "begins with 68656c6c"),
    "web page": (with_images(b"<html>404</html>"), "begins with 3c68746d"),
    "truncated header": (with_images(VALID[:9]), "header alone has 16"),
    "header only": (with_images(VALID[:16]), "contains 0 bytes of data"),
    "half of the pixels": (with_images(VALID[: len(VALID) // 2]), "the header declares"),
    "one byte missing": (with_images(VALID[:-1]), "the header declares"),
    "one byte too many": (with_images(VALID + b"x"), "contains more bytes"),
    "labels instead of images": (with_images(idx(np.zeros(20, np.uint8))), "begins with 00000801"),
    "colour images": (with_images(idx(np.zeros((2, 4, 4, 3), np.uint8))), "begins with 00000804"),
    "floats": (with_images(b"\0\0\x0d\3" + VALID[4:]), "begins with 00000d03"),
    "little endian": (with_images(b"\3\x08\0\0" + VALID[4:]), "begins with 03080000"),
    "images of height 0": (with_images(idx(PIXELS[:0], COUNT, 0, 40)), "contains no images"),
    "no images": (with_images(idx(PIXELS[:0])), "contains no images"),
    "more images declared than present": (with_images(idx(PIXELS, 99, SIDE, SIDE)), "99×40×40"),
    "too many images declared": (with_images(idx(PIXELS, HUGE, HUGE, HUGE)), "at most"),
    "side of 2³² − 1 pixels declared": (with_images(idx(PIXELS[:0], 0, HUGE, HUGE)), "at most"),
    "fewer labels than images": (with_labels(idx(np.zeros(19, np.uint8))), "19 labels for 20"),
    "labels of two dimensions": (
        with_labels(idx(np.zeros((20, 1), np.uint8))),
        "begins with 00000802",
    ),
    "no labels": (with_labels(idx(np.zeros(0, np.uint8))), "0 labels for 20"),
    "test images of another size": (
        lambda contents: contents.update({TEST_IMAGES: idx(PIXELS[:5, :32])}),
        "images of 40×40 and 32×40 pixels",
    ),
    "sides that need another padding": (
        lambda contents: contents.update(
            {IMAGES: idx(PIXELS[:, :38, :38]), TEST_IMAGES: idx(PIXELS[:5, :38, :38])}
        ),
        "preprocess.fashion.padding to 1 or 5",
    ),
    "odd sides": (
        lambda contents: contents.update(
            {IMAGES: idx(PIXELS[:, :39]), TEST_IMAGES: idx(PIXELS[:5, :39])}
        ),
        "no padding fits",
    ),
    "truncated gzip": (gzipped_images(gzip.compress(VALID)[:-12]), "not a valid gzip file"),
    "first bytes of gzip": (gzipped_images(gzip.compress(VALID)[:4]), "not a valid gzip file"),
    "gzip with wrong checksum": (
        gzipped_images(gzip.compress(VALID)[:-8] + bytes(8)),
        "not a valid gzip file",
    ),
    "gzip with trailing garbage": (
        gzipped_images(gzip.compress(VALID) + b"xyz"),
        "not a valid gzip file",
    ),
    "gzip header with noise": (
        gzipped_images(b"\x1f\x8b\x08\0" + bytes(range(200))),
        "not a valid gzip file",
    ),
    "gzip of gzip": (gzipped_images(gzip.compress(gzip.compress(VALID))), "begins with 1f8b"),
    "gzip of nothing": (gzipped_images(gzip.compress(b"")), "begins with nothing"),
    "gzip bomb": (gzipped_images(gzip.compress(VALID + bytes(1 << 27), 1)), "contains more bytes"),
    "gzip bomb with declared size": (
        gzipped_images(gzip.compress(idx(PIXELS[:0], 1 << 16, 1 << 8, 1 << 8))),
        "at most",
    ),
    "same file twice": (
        lambda contents: contents.update({f"{IMAGES}.gz": gzip.compress(VALID)}),
        "contains both",
    ),
    "missing test labels": (
        lambda contents: contents.pop(TEST_LABELS),
        f"contains no {TEST_LABELS}",
    ),
    "image files next to IDX files": (
        lambda contents: contents.update({"x.jpg": b"x"}),
        "only one of the two",
    ),
    "class names that are not JSON": (with_classes(b"{"), "Invalid JSON"),
    "class names in Latin-1": (with_classes('{"classes": ["é"]}'.encode("latin-1")), "JSON"),
    "class names as a list": (with_classes(["a", "b"]), "expected is"),
    "too few class names": (
        with_classes({"classes": ["a", "b"]}),
        "2 names, but the highest label is 19",
    ),
    "too many class names": (
        with_classes({"classes": [f"{n}" for n in range(257)]}),
        "at most 256",
    ),
    "repeated class name": (
        with_classes({"classes": ["a"] * 20}),
        "'a' is empty, unprintable or not unique",
    ),
    "class name that is a number": (with_classes({"classes": [1] * 20}), "classes.0"),
    "class name of two lines": (
        with_classes({"classes": [*(f"{n}" for n in range(19)), "a\nb"]}),
        "is empty, unprintable",
    ),
    "class name with half a surrogate pair": (
        with_classes(b'{"classes": ["\\ud800"' + b', "a"' * 19 + b"]}"),
        "classes.json",
    ),
    "deeply nested JSON": (with_classes(b"[" * 100_000), "classes.json"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_rejected(name: str, tmp_path: Path) -> None:
    change, problem = BAD[name]
    contents = valid_files()
    change(contents)
    write(tmp_path, contents)
    expect_fashion_error(tmp_path, "mine", "/", problem)


@pytest.mark.parametrize("name", [IMAGES, LABELS, TEST_IMAGES, TEST_LABELS])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("gone")])
def test_unreadable_files_are_rejected(
    name: str, make: Callable[[Path], None], tmp_path: Path
) -> None:
    contents = valid_files()
    del contents[name]
    make(write(tmp_path, contents) / name)
    expect_fashion_error(tmp_path, "mine", name, "")


def test_valid_files_keep_their_rows(tmp_path: Path) -> None:
    write(tmp_path, valid_files() | {"read me.txt": b"\xff"})
    folder = run_fashion(tmp_path, "mine")
    assert read_record(folder)["classes"] == [str(n) for n in range(COUNT)]
    assert read_numbers(folder) == {n: n for n in range(COUNT)}


# The published files, which are verified by checksum

PUBLISHED: dict[str, bytes] = {
    "empty": b"",
    "web page": b"<html>rate limit exceeded</html>",
    "truncated": gzip.compress(VALID)[:-9],
    "other content": gzip.compress(VALID),
    "gzip bomb": gzip.compress(bytes(1 << 27), 1),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_files_of_other_content_are_rejected(name: str, tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(CONTENT_SHA256, PUBLISHED[name]))
    params = DownloadFashion.model_construct(source="fashion_mnist", location="mine")
    with pytest.raises(InputError) as caught:
        download_fashion(params, tmp_path, tmp_path / "raw")
    check_error(tmp_path, caught.value, f"mine/{IMAGES}.gz", "")
    assert not (tmp_path / "raw").exists()
