"""The IDX format of MNIST and Fashion-MNIST: big-endian sizes, then raw bytes, in a gzip stream.

Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database, "File formats".
"""

import gzip
import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent.errors import InputError

UNSIGNED_BYTE = 0x08
GZIP = b"\x1f\x8b"  # how a gzip file begins
LARGEST = 1 << 30  # bytes of an array: a small file can be packed from far more
FILES = {"train": "train", "test": "t10k"}  # how the published files of a split begin
IMAGES = "{}-images-idx3-ubyte"
LABELS = "{}-labels-idx1-ubyte"


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the uint8 array in the gzipped IDX file `path`.

    Args:
        path: the file.
        dimensions: how many the array must have: 3 for images (N, H, W), 1 for labels (N,).

    Raises:
        InputError: the file is missing, truncated, damaged or holds something else.
    """
    try:
        with path.open("rb") as file:
            return _unpack(file, dimensions, str(path))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def parse_idx(content: bytes, dimensions: int, where: str) -> NDArray[np.uint8]:
    """Return the uint8 array in the content of an IDX file, gzipped or not, which lies at `where`.

    Args:
        content: of the file.
        dimensions: how many the array must have.
        where: begins the message of an error.

    Raises:
        InputError: the content is truncated, damaged or something else.
    """
    file = io.BytesIO(content)
    if content.startswith(GZIP):
        return _unpack(file, dimensions, where)
    return _parse(file, dimensions, where)


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write a uint8 array as a gzipped IDX file, the same bytes every time."""
    header = bytes([0, 0, UNSIGNED_BYTE, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    # mtime is part of a gzip file, and its own field for the file's name stays empty here.
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=6, mtime=0))


def _unpack(file: io.BufferedIOBase, dimensions: int, where: str) -> NDArray[np.uint8]:
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            return _parse(unpacked, dimensions, where)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{where}: is no whole gzip file: {error}") from None


def _parse(file: io.BufferedIOBase, dimensions: int, where: str) -> NDArray[np.uint8]:
    header = file.read(4 + 4 * dimensions)
    magic = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    if header[:4] != magic:
        raise InputError(
            f"{where}: begins with {header[:4].hex() or 'nothing'}, not with {magic.hex()}, which "
            f"announces unsigned bytes in {dimensions} dimension(s)"
        )
    if len(header) < 4 + 4 * dimensions:
        raise InputError(
            f"{where}: holds {len(header)} bytes, its header alone takes {4 + 4 * dimensions}"
        )
    shape = struct.unpack(f">{dimensions}I", header[4:])
    sides, size = "×".join(map(str, shape)), math.prod(shape)
    if size > LARGEST or max(shape) > LARGEST:
        raise InputError(f"{where}: announces {sides} bytes, at most {LARGEST:,} are allowed")
    # One byte more than there should be: whatever else is packed in the file stays packed.
    data = file.read(size + 1)
    if len(data) != size:
        held = f"{len(data)} bytes" if len(data) < size else "more bytes"
        raise InputError(
            f"{where}: holds {held} of data, not the {size} that its header announces ({sides})"
        )
    try:
        return np.frombuffer(data, np.uint8).reshape(shape)
    except ValueError as error:  # none of too many: 0×1073741824×1073741824
        raise InputError(f"{where}: announces {sides} bytes: {error}") from None
