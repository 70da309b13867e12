"""The IDX format of MNIST and Fashion-MNIST: big-endian sizes, then raw bytes, in a gzip stream.

Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database, "File formats".
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent.errors import InputError

UNSIGNED_BYTE = 0x08


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the uint8 array in the gzipped IDX file `path`.

    Args:
        path: the file.
        dimensions: how many the array must have: 3 for images (N, H, W), 1 for labels (N,).

    Raises:
        InputError: the file is missing, truncated, damaged or holds something else.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: is no whole gzip file: {error}") from None
    header = 4 + 4 * dimensions
    magic = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    if content[:4] != magic:
        raise InputError(
            f"{path}: begins with {content[:4].hex() or 'nothing'}, not with {magic.hex()}, which "
            f"announces unsigned bytes in {dimensions} dimension(s)"
        )
    if len(content) < header:
        raise InputError(f"{path}: holds {len(content)} bytes, its header alone takes {header}")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if len(content) - header != math.prod(shape):
        raise InputError(
            f"{path}: holds {len(content) - header} bytes of data, not the {math.prod(shape)} "
            f"that its header announces ({'×'.join(map(str, shape))})"
        )
    try:
        return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
    except ValueError as error:  # none of too many: 0×4294967295×4294967295
        raise InputError(f"{path}: announces {'×'.join(map(str, shape))} bytes: {error}") from None


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write a uint8 array as a gzipped IDX file, the same bytes every time."""
    header = bytes([0, 0, UNSIGNED_BYTE, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    # mtime is part of a gzip file, and its own field for the file's name stays empty here.
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=6, mtime=0))
