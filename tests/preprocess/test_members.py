"""Members of an archive: their content as zipfile reads it, or the reason why not."""

import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latent.errors import InputError
from latent.preprocess.faces import members as module
from latent.preprocess.faces.members import MEMBERS, Member, locate, read_member

GENERATOR = np.random.default_rng(0)
CONTENTS = {
    "a.jpg": b"",
    "b/c.jpg": b"x" * 1000,
    "é/日本.jpg": GENERATOR.bytes(5000),
    f"{'long' * 100}.jpg": b"long" * 1000,
    "last.jpg": GENERATOR.bytes(10),
}


def pack(path: Path, method: int) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in CONTENTS.items():
            archive.writestr(name, content)
    return path


def read(path: Path, *names: str) -> list[bytes]:
    with zipfile.ZipFile(path) as archive:
        located = locate(archive, names)
    assert located.dtype == MEMBERS
    file = os.open(path, os.O_RDONLY)
    try:
        return [read_member(file, Member(*member)) for member in located.tolist()]
    finally:
        os.close(file)


def refuse(path: Path, name: str = "b/c.jpg") -> str:
    with pytest.raises(InputError) as caught:
        read(path, name)
    return str(caught.value)


def change(path: Path, what: Callable[[bytearray, int], object], name: str = "b/c.jpg") -> Path:
    """Change an archive's bytes, given where a member's local header is."""
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo(name).header_offset
    content = bytearray(path.read_bytes())
    what(content, offset)
    path.write_bytes(content)
    return path


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


@pytest.mark.parametrize("method", METHODS)
def test_content_is_what_was_packed(tmp_path: Path, method: int) -> None:
    path = pack(tmp_path / "a.zip", method)
    names = sorted(CONTENTS)
    assert read(path, *names) == [CONTENTS[name] for name in names]


@pytest.mark.parametrize("method", METHODS)
def test_archive_behind_something_else(tmp_path: Path, method: int) -> None:
    path = pack(tmp_path / "a.zip", method)
    path.write_bytes(b"#!/bin/sh\n" * 100 + path.read_bytes())
    assert read(path, "b/c.jpg", "last.jpg") == [CONTENTS["b/c.jpg"], CONTENTS["last.jpg"]]


@pytest.mark.parametrize("length", [0, 10, 500])
def test_local_header_may_hold_more_than_the_directory(tmp_path: Path, length: int) -> None:
    def insert(content: bytearray, offset: int) -> None:
        struct.pack_into("<H", content, offset + 28, length)
        start = offset + 30 + len("last.jpg")
        content[start:start] = bytes(length)
        # The directory has moved by as much; it is the end record that says where it is.
        end = content.rindex(b"PK\x05\x06")
        (directory,) = struct.unpack_from("<I", content, end + 16)
        struct.pack_into("<I", content, end + 16, directory + length)

    path = change(pack(tmp_path / "a.zip", 0), insert, "last.jpg")
    assert read(path, "last.jpg") == [CONTENTS["last.jpg"]]


@pytest.mark.parametrize("method", METHODS)
def test_sizes_beyond_the_header(tmp_path: Path, method: int) -> None:
    # What is written to a stream has its sizes behind it, and in the directory.
    path = tmp_path / "a.zip"
    with (
        path.open("wb") as file,
        zipfile.ZipFile(file, "w", method) as archive,
        archive.open("b/c.jpg", "w", force_zip64=True) as member,
    ):
        member.write(CONTENTS["b/c.jpg"])
    assert read(path, "b/c.jpg") == [CONTENTS["b/c.jpg"]]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("place", [100, 4990])
def test_changed_byte_is_seen(tmp_path: Path, method: int, place: int) -> None:
    name = "é/日本.jpg"  # its content does not get smaller

    def flip(content: bytearray, offset: int) -> None:
        start = offset + 30 + len(name.encode())
        content[start + place] ^= 0x10

    message = refuse(change(pack(tmp_path / "a.zip", method), flip, name), name)
    assert message.startswith("is damaged in the archive: ")
    assert "\n" not in message


def test_other_methods_are_not_read(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", zipfile.ZIP_LZMA)
    assert refuse(path) == "is packed by method 14, neither stored nor deflated"


def test_encrypted_member(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", 0)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    while not content[entry + 46 :].startswith(b"b/c.jpg"):
        entry = content.index(b"PK\x01\x02", entry + 4)
    content[entry + 8] |= 1
    path.write_bytes(content)
    assert refuse(path) == "is encrypted"


def test_member_that_is_not_there(tmp_path: Path) -> None:
    def overwrite(content: bytearray, offset: int) -> None:
        content[offset : offset + 4] = b"none"

    path = change(pack(tmp_path / "a.zip", 0), overwrite)
    assert refuse(path) == "is not where the archive's directory says"
    file = os.open(path, os.O_RDONLY)
    with pytest.raises(InputError, match="is not where"):
        read_member(file, Member(1 << 40, 5, 5, 0, 0, False))
    os.close(file)


def test_large_member_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "a.zip", zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(module, "LARGEST", 1000)
    assert read(path, "b/c.jpg") == [CONTENTS["b/c.jpg"]]
    monkeypatch.setattr(module, "LARGEST", 999)
    assert refuse(path) == "takes 1,000 bytes, more than 999"


def test_no_more_is_unpacked_than_the_directory_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/c.jpg", bytes(50_000_000))
        located = locate(archive, ["b/c.jpg"])
    located["size"] = 100
    inflated: list[int] = []
    inflate = module._inflate
    monkeypatch.setattr(
        module, "_inflate", lambda *a: (out := inflate(*a), inflated.append(len(out)))[0]
    )
    file = os.open(path, os.O_RDONLY)
    with pytest.raises(InputError, match="checksum"):
        read_member(file, Member(*located[0].tolist()))
    os.close(file)
    assert inflated == [101]
