"""IDX files of garments that are damaged, hostile or do not fit together."""

import gzip
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from making import COUNT, SIDE, faces_of, stripes
from runs import check_refusal, refuse_fashion, run_fashion

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
    """Return an IDX file that announces a shape, by default the true one."""
    shape = shape or array.shape
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + array.tobytes()


def files() -> dict[str, bytes]:
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


def packed(content: bytes) -> Callable[[dict[str, bytes]], object]:
    """Put a gzip file in the place of the images."""
    return lambda contents: contents.update({f"{IMAGES}.gz": content}) or contents.pop(IMAGES)


def with_classes(content: object) -> Callable[[dict[str, bytes]], object]:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return lambda contents: contents.update({"classes.json": text})


GOOD = idx(PIXELS)
HUGE = 0xFFFFFFFF

BAD: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "empty": (with_images(b""), "begins with nothing"),
    "text": (with_images(b"hello\n"), "begins with 68656c6c"),
    "a web page": (with_images(b"<html>404</html>"), "begins with 3c68746d"),
    "a header cut off": (with_images(GOOD[:9]), "header alone takes 16"),
    "a header alone": (with_images(GOOD[:16]), "holds 0 bytes of data"),
    "half of the pixels": (with_images(GOOD[: len(GOOD) // 2]), "its header announces"),
    "a byte too few": (with_images(GOOD[:-1]), "its header announces"),
    "a byte too many": (with_images(GOOD + b"x"), "holds more bytes"),
    "labels": (with_images(idx(np.zeros(20, np.uint8))), "begins with 00000801"),
    "colours": (with_images(idx(np.zeros((2, 4, 4, 3), np.uint8))), "begins with 00000804"),
    "floats": (with_images(b"\0\0\x0d\3" + GOOD[4:]), "begins with 00000d03"),
    "little endian": (with_images(b"\3\x08\0\0" + GOOD[4:]), "begins with 03080000"),
    "images of no height": (with_images(idx(PIXELS[:0], COUNT, 0, 40)), "holds no image"),
    "no images": (with_images(idx(PIXELS[:0])), "holds no image"),
    "more images than there are": (with_images(idx(PIXELS, 99, SIDE, SIDE)), "99×40×40"),
    "more images than fit anywhere": (with_images(idx(PIXELS, HUGE, HUGE, HUGE)), "at most"),
    "a side of four billions": (with_images(idx(PIXELS[:0], 0, HUGE, HUGE)), "at most"),
    "other labels than images": (with_labels(idx(np.zeros(19, np.uint8))), "19 labels for 20"),
    "labels of two dimensions": (
        with_labels(idx(np.zeros((20, 1), np.uint8))),
        "begins with 00000802",
    ),
    "no labels": (with_labels(idx(np.zeros(0, np.uint8))), "0 labels for 20"),
    "test images of another size": (
        lambda contents: contents.update({TEST_IMAGES: idx(PIXELS[:5, :32])}),
        "images of 40×40 and 32×40 pixels",
    ),
    "sides that no network halves": (
        lambda contents: contents.update(
            {IMAGES: idx(PIXELS[:, :38, :38]), TEST_IMAGES: idx(PIXELS[:5, :38, :38])}
        ),
        "preprocess.fashion.padding=1 or 5",
    ),
    "sides that no padding makes even": (
        lambda contents: contents.update(
            {IMAGES: idx(PIXELS[:, :39]), TEST_IMAGES: idx(PIXELS[:5, :39])}
        ),
        "no padding on all sides",
    ),
    "gzip cut off": (packed(gzip.compress(GOOD)[:-12]), "no whole gzip file"),
    "gzip of its first bytes": (packed(gzip.compress(GOOD)[:4]), "no whole gzip file"),
    "gzip of a wrong checksum": (packed(gzip.compress(GOOD)[:-8] + bytes(8)), "no whole gzip file"),
    "gzip with garbage behind": (packed(gzip.compress(GOOD) + b"xyz"), "no whole gzip file"),
    "gzip of noise": (packed(b"\x1f\x8b\x08\0" + bytes(range(200))), "no whole gzip file"),
    "gzip of gzip": (packed(gzip.compress(gzip.compress(GOOD))), "begins with 1f8b"),
    "gzip of nothing": (packed(gzip.compress(b"")), "begins with nothing"),
    "a bomb": (packed(gzip.compress(GOOD + bytes(1 << 27), 1)), "holds more bytes"),
    "a bomb that is announced": (
        packed(gzip.compress(idx(PIXELS[:0], 1 << 16, 1 << 8, 1 << 8))),
        "at most",
    ),
    "a file twice": (
        lambda contents: contents.update({f"{IMAGES}.gz": gzip.compress(GOOD)}),
        "holds both",
    ),
    "three of the four": (lambda contents: contents.pop(TEST_LABELS), f"holds no {TEST_LABELS}"),
    "images beside them": (lambda contents: contents.update({"x.jpg": b"x"}), "one of the two"),
    "names that are no JSON": (with_classes(b"{"), "Invalid JSON"),
    "names of another encoding": (with_classes('{"classes": ["é"]}'.encode("latin-1")), "JSON"),
    "names as a list": (with_classes(["a", "b"]), "must be as"),
    "too few names": (with_classes({"classes": ["a", "b"]}), "2 names, but there is a label 19"),
    "too many names": (with_classes({"classes": [f"{n}" for n in range(257)]}), "at most 256"),
    "a name twice": (with_classes({"classes": ["a"] * 20}), "'a' is no name, or not of one"),
    "a name that is a number": (with_classes({"classes": [1] * 20}), "classes.0"),
    "a name of two lines": (
        with_classes({"classes": [*(f"{n}" for n in range(19)), "a\nb"]}),
        "is no name",
    ),
    "a name that is half a letter": (
        with_classes(b'{"classes": ["\\ud800"' + b', "a"' * 19 + b"]}"),
        "classes.json",
    ),
    "names nested without end": (with_classes(b"[" * 100_000), "classes.json"),
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_are_bad_are_refused(name: str, tmp_path: Path) -> None:
    change, said = BAD[name]
    contents = files()
    change(contents)
    write(tmp_path, contents)
    refuse_fashion(tmp_path, "mine", "/", said)


@pytest.mark.parametrize("name", [IMAGES, LABELS, TEST_IMAGES, TEST_LABELS])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("gone")])
def test_files_that_cannot_be_read_are_refused(
    name: str, make: Callable[[Path], None], tmp_path: Path
) -> None:
    contents = files()
    del contents[name]
    make(write(tmp_path, contents) / name)
    refuse_fashion(tmp_path, "mine", name, "")


def test_good_files_are_in_their_rows(tmp_path: Path) -> None:
    write(tmp_path, files() | {"read me.txt": b"\xff"})
    folder = run_fashion(tmp_path, "mine")
    assert read_record(folder)["classes"] == [str(n) for n in range(COUNT)]
    assert faces_of(folder) == {n: n for n in range(COUNT)}


# The published files, which are known by their content

PUBLISHED: dict[str, bytes] = {
    "empty": b"",
    "a web page": b"<html>rate limit exceeded</html>",
    "cut off": gzip.compress(GOOD)[:-9],
    "other content": gzip.compress(GOOD),
    "a bomb": gzip.compress(bytes(1 << 27), 1),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_files_of_other_content_are_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(CONTENT_SHA256, PUBLISHED[name]))
    params = DownloadFashion.model_construct(source="fashion_mnist", location="mine")
    with pytest.raises(InputError) as caught:
        download_fashion(params, tmp_path, tmp_path / "raw")
    check_refusal(tmp_path, caught.value, f"mine/{IMAGES}.gz", "")
    assert not (tmp_path / "raw").exists()
