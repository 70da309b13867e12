"""Members of a zip archive, found once and read by many processes.

`zipfile` reads the directory of an archive anew in each process, which takes a second and 100 MB
for 200,000 members, and goes through several Python calls for each member. Where a member lies is
all that it takes to read it.

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

LARGEST = 1 << 27  # bytes of an image file, so that no member can fill the memory
ENCRYPTED = 0x1  # bit of a member's flags
LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, and how long its name and extra field are
SIGNATURE = b"PK\x03\x04"
SLACK = 256  # bytes between a header and its content that are read along with them


class Member(NamedTuple):
    """Where a member of an archive lies, and how it is packed.

    Attributes:
        offset: of its local header, in bytes from the start of the archive.
        packed: bytes in the archive.
        size: bytes when unpacked.
        crc: CRC-32 of the unpacked bytes.
        method: of compression.
        encrypted: whether a password is needed.
    """

    offset: int
    packed: int
    size: int
    crc: int
    method: int
    encrypted: bool


# The same fields in 27 bytes each.
MEMBERS = np.dtype(list(zip(Member._fields, ("i8", "i8", "i8", "u4", "u2", "?"), strict=True)))


def locate(archive: zipfile.ZipFile, names: Iterable[str]) -> NDArray[np.void]:
    """Return where the named members of an archive lie, as an array of `MEMBERS`."""
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
    """Return the content of a member of the archive with the descriptor `file`.

    Raises:
        InputError: it is encrypted, damaged, too large or packed in a way unknown here; the message
            says why, and leaves it to the caller to say where.
    """
    if member.encrypted:
        raise InputError("is encrypted")
    if max(member.size, member.packed) > LARGEST:
        raise InputError(f"takes {member.size:,} bytes, more than {LARGEST:,}")
    if member.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"is packed by method {member.method}, neither stored nor deflated")
    if member.offset < 0:  # of an archive that has lost its beginning
        raise InputError("is not where the archive's directory says")
    # With one call where the name and what else stands before the content is not very long.
    block = os.pread(file, LOCAL_HEADER.size + SLACK + member.packed, member.offset)
    if len(block) < LOCAL_HEADER.size or not block.startswith(SIGNATURE):
        raise InputError("is not where the archive's directory says")
    _, name, extra = LOCAL_HEADER.unpack_from(block)
    start = LOCAL_HEADER.size + name + extra
    content = block[start : start + member.packed]
    if name + extra > SLACK:
        content = os.pread(file, member.packed, member.offset + start)
    if member.method == zipfile.ZIP_DEFLATED:
        content = _inflate(content, member.size)
    if len(content) != member.size or zlib.crc32(content) != member.crc:
        raise InputError("is damaged in the archive: its checksum differs")
    return content


def _inflate(packed: bytes, size: int) -> bytes:
    """Return the unpacked bytes, one more than `size` at most."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
    except zlib.error as error:
        raise InputError(f"is damaged in the archive: {error}") from None
