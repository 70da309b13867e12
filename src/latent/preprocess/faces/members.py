"""Members of a zip archive, located once and read by many processes.

With `zipfile`, each process would read the directory of the archive again, which takes a second and
100 MB for 200,000 members, and each member would take several Python calls. The position of a
member is enough to read it.

Source: PKWARE, APPNOTE.TXT, .ZIP File Format Specification, 4.3.7 (local file header).
"""

import os
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from latent.errors import InputError
from latent.raw.folder_or_zip import MAX_BYTES

ENCRYPTED = 0x1  # flag bit
LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, lengths of the name and of the extra field
SIGNATURE = b"PK\x03\x04"
SLACK = 256  # bytes of name and extra field that are read together with the content


class Member(NamedTuple):
    """Position and compression of a member of an archive.

    Attributes:
        offset: position of its local header, in bytes from the start of the archive.
        packed: compressed size in bytes.
        size: uncompressed size in bytes.
        crc: CRC-32 of the uncompressed bytes.
        method: compression method.
        encrypted: whether it needs a password.
    """

    offset: int
    packed: int
    size: int
    crc: int
    method: int
    encrypted: bool


# The same fields as an array type of 27 bytes.
MEMBERS = np.dtype(list(zip(Member._fields, ("i8", "i8", "i8", "u4", "u2", "?"), strict=True)))


def locate(archive: zipfile.ZipFile, names: Iterable[str]) -> NDArray[np.void]:
    """Return the positions of the named members of an archive as an array of `MEMBERS`."""
    found = map(archive.getinfo, names)
    return np.fromiter(
        (
            (
                info.header_offset,
                info.compress_size,
                info.file_size,
                info.CRC,
                info.compress_type,
                info.flag_bits & ENCRYPTED,
            )
            for info in found
        ),
        MEMBERS,
    )


def read_member(file: int, member: Member) -> bytes:
    """Return the content of a member.

    Args:
        file: file descriptor of the archive.
        member: its position.

    Raises:
        InputError: the member is encrypted, damaged or too large, or its compression method is not
            supported. The message does not contain the name of the member.
    """
    if member.encrypted:
        raise InputError("encrypted")
    if max(member.size, member.packed) > MAX_BYTES:
        raise InputError(f"{member.size:,} bytes; at most {MAX_BYTES:,} are allowed")
    if member.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(
            f"compression method {member.method} is not supported; allowed are stored and deflated"
        )
    if member.offset < 0:  # the beginning of the archive is missing
        raise InputError("not at the position that the zip's directory declares")
    # Usually one call reads both the header and the content.
    block = os.pread(file, LOCAL_HEADER.size + SLACK + member.packed, member.offset)
    if len(block) < LOCAL_HEADER.size or not block.startswith(SIGNATURE):
        raise InputError("not at the position that the zip's directory declares")
    _, name, extra = LOCAL_HEADER.unpack_from(block)
    start = LOCAL_HEADER.size + name + extra
    content = block[start : start + member.packed]
    if name + extra > SLACK:
        content = os.pread(file, member.packed, member.offset + start)
    if member.method == zipfile.ZIP_DEFLATED:
        content = _inflate(content, member.size)
    if len(content) != member.size or zlib.crc32(content) != member.crc:
        raise InputError("damaged in the zip: wrong size or checksum")
    return content


def _inflate(packed: bytes, size: int) -> bytes:
    """Return the decompressed bytes, but never more than `size` + 1."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
    except zlib.error as error:
        raise InputError(f"damaged in the zip: {error}") from None
