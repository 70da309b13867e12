"""Reading members of a zip by their positions."""

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
from latent.raw import folder_or_zip

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


def get_error(path: Path, name: str = "b/c.jpg") -> str:
    with pytest.raises(InputError) as caught:
        read(path, name)
    return str(caught.value)


def change(path: Path, edit: Callable[[bytearray, int], object], name: str = "b/c.jpg") -> Path:
    """Edit the bytes of an archive, given the position of a member's local header."""
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo(name).header_offset
    content = bytearray(path.read_bytes())
    edit(content, offset)
    path.write_bytes(content)
    return path


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


@pytest.mark.parametrize("method", METHODS)
def test_content_is_read(tmp_path: Path, method: int) -> None:
    path = pack(tmp_path / "a.zip", method)
    names = sorted(CONTENTS)
    assert read(path, *names) == [CONTENTS[name] for name in names]


@pytest.mark.parametrize("method", METHODS)
def test_archive_appended_to_other_data(tmp_path: Path, method: int) -> None:
    path = pack(tmp_path / "a.zip", method)
    path.write_bytes(b"#!/bin/sh\n" * 100 + path.read_bytes())
    assert read(path, "b/c.jpg", "last.jpg") == [CONTENTS["b/c.jpg"], CONTENTS["last.jpg"]]


@pytest.mark.parametrize("length", [0, 10, 500])
def test_local_header_with_extra_field(tmp_path: Path, length: int) -> None:
    def insert(content: bytearray, offset: int) -> None:
        struct.pack_into("<H", content, offset + 28, length)
        start = offset + 30 + len("last.jpg")
        content[start:start] = bytes(length)
        # Update the position of the directory in the end record.
        end = content.rindex(b"PK\x05\x06")
        (directory,) = struct.unpack_from("<I", content, end + 16)
        struct.pack_into("<I", content, end + 16, directory + length)

    path = change(pack(tmp_path / "a.zip", 0), insert, "last.jpg")
    assert read(path, "last.jpg") == [CONTENTS["last.jpg"]]


@pytest.mark.parametrize("method", METHODS)
def test_zip64_sizes(tmp_path: Path, method: int) -> None:
    # The local header has the sizes in a ZIP64 extra field.
    path = tmp_path / "a.zip"
    with (
        path.open("wb") as file,
        zipfile.ZipFile(file, "w", method) as archive,
        archive.open("b/c.jpg", "w", force_zip64=True) as member,
    ):
        member.write(CONTENTS["b/c.jpg"])
    assert read(path, "b/c.jpg") == [CONTENTS["b/c.jpg"]]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("position", [100, 4990])
def test_changed_byte_is_detected(tmp_path: Path, method: int, position: int) -> None:
    name = "é/日本.jpg"  # its content is incompressible

    def flip(content: bytearray, offset: int) -> None:
        start = offset + 30 + len(name.encode())
        content[start + position] ^= 0x10

    message = get_error(change(pack(tmp_path / "a.zip", method), flip, name), name)
    assert message.startswith("damaged in the zip: ")
    assert "\n" not in message


def test_unsupported_method_is_rejected(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", zipfile.ZIP_LZMA)
    assert get_error(path) == (
        "compression method 14 is not supported; allowed are stored and deflated"
    )


def test_encrypted_member_is_rejected(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", 0)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    while not content[entry + 46 :].startswith(b"b/c.jpg"):
        entry = content.index(b"PK\x01\x02", entry + 4)
    content[entry + 8] |= 1
    path.write_bytes(content)
    assert get_error(path) == "encrypted"


def test_wrong_position_is_rejected(tmp_path: Path) -> None:
    def overwrite(content: bytearray, offset: int) -> None:
        content[offset : offset + 4] = b"none"

    path = change(pack(tmp_path / "a.zip", 0), overwrite)
    assert get_error(path) == "not at the position that the zip's directory declares"
    file = os.open(path, os.O_RDONLY)
    with pytest.raises(InputError, match="not at the position"):
        read_member(file, Member(1 << 40, 5, 5, 0, 0, False))
    os.close(file)


def test_large_member_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "a.zip", zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    assert read(path, "b/c.jpg") == [CONTENTS["b/c.jpg"]]
    monkeypatch.setattr(module, "MAX_BYTES", 999)
    assert get_error(path) == "1,000 bytes; at most 999 are allowed"


def test_every_image_that_can_be_packed_is_read() -> None:
    assert module.MAX_BYTES == folder_or_zip.MAX_BYTES


def test_no_more_is_decompressed_than_declared(
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
