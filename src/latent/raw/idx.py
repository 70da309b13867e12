"""The IDX format of MNIST and Fashion-MNIST: big-endian sizes, then raw bytes, gzipped.

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

from latent.errors import InputError, describe

UNSIGNED_BYTE = 0x08
GZIP_MAGIC = b"\x1f\x8b"
MAX_BYTES = 1 << 30  # maximum size of an array: a small gzip file can expand to far more
PREFIXES = {"train": "train", "test": "t10k"}  # of the published file names, by split


def images_file(split: str) -> str:
    """Return the published name of the gzipped IDX file with the images of a split."""
    return f"{PREFIXES[split]}-images-idx3-ubyte.gz"


def labels_file(split: str) -> str:
    """Return the published name of the gzipped IDX file with the labels of a split."""
    return f"{PREFIXES[split]}-labels-idx1-ubyte.gz"


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the uint8 array in a gzipped IDX file.

    Args:
        path: the file.
        dimensions: required number of dimensions: 3 for images (N, H, W), 1 for labels (N,).

    Raises:
        InputError: the file is missing, truncated or damaged, or is not such an IDX file.
    """
    try:
        with path.open("rb") as file:
            return _decompress(file, dimensions, str(path))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {describe(error)}") from None


def parse_idx(content: bytes, dimensions: int, origin: str) -> NDArray[np.uint8]:
    """Return the uint8 array in the content of an IDX file, gzipped or not.

    Args:
        content: bytes of the file.
        dimensions: required number of dimensions.
        origin: path of the file, for error messages.

    Raises:
        InputError: the content is truncated or damaged, or is not such an IDX file.
    """
    file = io.BytesIO(content)
    if content.startswith(GZIP_MAGIC):
        return _decompress(file, dimensions, origin)
    return _parse(file, dimensions, origin)


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write a uint8 array as a gzipped IDX file. The same array always gives the same bytes."""
    header = bytes([0, 0, UNSIGNED_BYTE, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    # zlib's header has no time and no file name. That of the module gzip depends on the version of
    # Python.
    path.write_bytes(zlib.compress(header + array.tobytes(), level=6, wbits=16 + zlib.MAX_WBITS))


def write_split(
    folder: Path, split: str, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> None:
    """Write the images (N, H, W) and labels (N,) of a split under their published names."""
    write_idx(folder / images_file(split), images)
    write_idx(folder / labels_file(split), labels)


def _decompress(file: io.BufferedIOBase, dimensions: int, origin: str) -> NDArray[np.uint8]:
    try:
        with gzip.GzipFile(fileobj=file) as decompressed:
            return _parse(decompressed, dimensions, origin)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{origin}: not a valid gzip file: {describe(error)}") from None


def _parse(file: io.BufferedIOBase, dimensions: int, origin: str) -> NDArray[np.uint8]:
    header_size = 4 + 4 * dimensions
    header = file.read(header_size)
    magic = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    if header[:4] != magic:
        raise InputError(
            f"{origin}: begins with {header[:4].hex() or 'nothing'}; an IDX file of unsigned bytes "
            f"in {dimensions} dimension(s) begins with {magic.hex()}"
        )
    if len(header) < header_size:
        raise InputError(
            f"{origin}: only {len(header)} bytes; the header alone has {header_size} bytes"
        )
    shape = struct.unpack(f">{dimensions}I", header[4:])
    sides, size = "×".join(map(str, shape)), math.prod(shape)
    if size > MAX_BYTES or max(shape) > MAX_BYTES:
        raise InputError(
            f"{origin}: the header declares {sides} bytes; at most {MAX_BYTES:,} are allowed"
        )
    # Read one byte more than declared to detect excess data without decompressing all of it.
    data = file.read(size + 1)
    if len(data) != size:
        found = f"{len(data)} bytes" if len(data) < size else "more bytes"
        raise InputError(
            f"{origin}: contains {found} of data; the header declares {size} ({sides})"
        )
    try:
        return np.frombuffer(data, np.uint8).reshape(shape)
    except ValueError as error:  # an empty array that is too large for NumPy: 0×2³⁰×2³⁰
        raise InputError(f"{origin}: the header declares {sides} bytes: {error}") from None
