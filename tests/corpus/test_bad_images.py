"""Image files that are damaged, malicious or unusual: they are skipped or in the right row."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from making import (
    COUNT,
    PREFIX,
    SIDE,
    Archive,
    ZipBytes,
    damage,
    encode,
    file_name,
    image_bytes,
    partition_of,
    read_number,
    stripes,
)
from PIL import Image
from runs import check_faces, check_skipped, run_faces, run_fashion, without_validation

from latent.io.dataset import read_record, read_split

pytestmark = pytest.mark.usefixtures("patience")

CHANGED = 11  # number of the image that is replaced or damaged
NUMBERS = without_validation({file_name(n): n for n in range(COUNT)})


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def put(content: bytes, position: int, code: str, *values: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into(code, changed, position, *values)
    return bytes(changed)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes, depth: int = 8, colour: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b"")]
    )


def without_pixels(content: bytes) -> bytes:
    """Return a JPEG that ends before its first pixel."""
    return content[: content.index(b"\xff\xda")]


JPEG, PNG = image_bytes(CHANGED), image_bytes(CHANGED, "PNG")
WEBP, BMP = image_bytes(CHANGED, "WEBP"), image_bytes(CHANGED, "BMP")
FRAME = JPEG.index(b"\xff\xc0")  # position of the frame header, which contains the size

BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty file"),
    "one byte": (b"\xff", "not a JPEG"),
    "text file": (b"not an image\n", "not a JPEG"),
    "web page": (b"<!DOCTYPE html><html><title>404</title></html>", "not a JPEG"),
    "noise": (np.random.default_rng(0).bytes(3000), "not a JPEG"),
    "zeros": (bytes(3000), "not a JPEG"),
    "GIF": (encode(stripes(CHANGED), "GIF"), "not a JPEG"),
    "TIFF": (encode(stripes(CHANGED), "TIFF"), "not a JPEG"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not a JPEG"),
    "PDF": (b"%PDF-1.7\n%%EOF", "not a JPEG"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a JPEG"),
    "zip": (b"PK\x05\x06" + bytes(18), "not a JPEG"),
    "half a JPEG": (half(JPEG), "cannot be decoded"),
    "JPEG without pixels": (without_pixels(JPEG), "cannot be decoded"),
    "first bytes of a JPEG": (JPEG[:20], ""),
    "JPEG of height 0": (put(JPEG, FRAME + 5, ">H", 0), "not a JPEG"),
    "JPEG of width 0": (put(JPEG, FRAME + 7, ">H", 0), "not a JPEG"),
    "JPEG that declares too large a size": (put(JPEG, FRAME + 5, ">HH", 65000, 65000), "pixels"),
    "JPEG that declares too large a height": (
        put(JPEG, FRAME + 5, ">H", 65000),
        "cannot be decoded",
    ),
    "JPEG of nine components": (put(JPEG, FRAME + 9, ">B", 9), "not a JPEG"),
    "JPEG without quantisation tables": (
        JPEG.replace(b"\xff\xdb", b"\xff\xfe"),
        "cannot be decoded",
    ),
    "half a PNG": (half(PNG), "cannot be decoded"),
    "first bytes of a PNG": (PNG[:30], ""),
    "PNG with wrong checksum": (put(PNG, 29, ">I", 7), "not a JPEG"),
    "PNG that declares too large a size": (png(20_000, 20_000, b""), "more than 67,108,864 pixels"),
    "PNG with too little data": (png(SIDE, SIDE, bytes(99)), "cannot be decoded"),
    "PNG of width 0": (png(0, SIDE, bytes(99)), ""),
    "PNG of an unknown colour type": (png(SIDE, SIDE, bytes(9999), colour=5), ""),
    "PNG with invalid compression": (PNG.replace(b"IDAT\x78", b"IDAT\x00"), "cannot be decoded"),
    "PNG bomb": (png(9000, 9000, bytes(9000 * 9001)), "9000×9000 pixels"),
    "half a WebP": (half(WEBP), ""),
    "first bytes of a WebP": (WEBP[:16], ""),
    "half a BMP": (half(BMP), "cannot be decoded"),
    "BMP that declares too large a size": (
        put(BMP, 18, "<ii", 60_000, 60_000),
        "more than 67,108,864 pixels",
    ),
    "BMP of negative width": (put(BMP, 18, "<i", -40), ""),
    "BMP of unknown compression": (put(BMP, 30, "<I", 99), ""),
}


def as_file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    return encode(image, kind, **options)


GREY = Image.fromarray(stripes(CHANGED))
BLANK = Image.new("L", (SIDE, SIDE))


def rotated_jpeg(segment: bytes = b"") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 3
    content = as_file(GREY.transpose(Image.Transpose.ROTATE_180), "JPEG", exif=exif)
    return content[:2] + segment + content[2:]


def transparent_image() -> Image.Image:
    """Return black stripes with transparent space between them."""
    dark = Image.new("LA", (SIDE, SIDE), (0, 0))
    dark.putalpha(Image.fromarray(255 - stripes(CHANGED)))
    return dark


UNUSUAL: dict[str, bytes] = {
    "PNG": PNG,
    "lossless WebP": as_file(GREY, "WEBP", lossless=True),
    "BMP": BMP,
    "progressive JPEG": as_file(GREY.convert("RGB"), "JPEG", progressive=True),
    "grey JPEG": as_file(GREY, "JPEG"),
    "CMYK JPEG without a colour profile": as_file(GREY.convert("RGB").convert("CMYK"), "JPEG"),
    "JPEG with trailing garbage": JPEG + b"garbage" * 99,
    "JPEG with invalid EXIF": as_file(GREY, "JPEG", exif=b"Exif\0\0II*\0" + b"\xff" * 60),
    "JPEG with empty EXIF": as_file(GREY, "JPEG", exif=b"Exif\0\0"),
    "JPEG rotated by 180°, with EXIF orientation": rotated_jpeg(),
    "rotated JPEG with a short colour profile": rotated_jpeg(b"\xff\xe2\0\x0eICC_PROFILE\0"),
    "rotated JPEG with a short Adobe segment": rotated_jpeg(b"\xff\xee\0\x07Adobe"),
    "JPEG with an invalid colour profile": as_file(GREY, "JPEG", icc_profile=b"nonsense" * 20),
    "PNG of 16 bits": as_file(Image.fromarray(stripes(CHANGED).astype(np.uint16) * 257)),
    "PNG of 1 bit": as_file(GREY.convert("1")),
    "PNG with a palette": as_file(GREY.convert("P")),
    "PNG with grey and alpha": as_file(GREY.convert("LA")),
    "PNG with transparent pixels": as_file(transparent_image()),
    "PNG with invalid text": PNG[:33] + chunk(b"zTXt", b"x\0\0broken") + PNG[33:],
    "animated WebP": as_file(GREY, "WEBP", lossless=True, save_all=True, append_images=[BLANK]),
    "animated PNG": as_file(GREY, "PNG", save_all=True, append_images=[BLANK]),
    "20,000 pixels wide": as_file(GREY.resize((20_000, SIDE), Image.Resampling.NEAREST)),
    "20,000 pixels high": as_file(GREY.resize((5, 20_000), Image.Resampling.NEAREST)),
}


def write_faces(root: Path, content: bytes) -> str:
    """Write a folder of face images, one of which has the given content; return its name."""
    for number in range(COUNT):
        path = root / "mine" / file_name(number)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if number == CHANGED else image_bytes(number))
    return "mine"


@pytest.mark.parametrize("name", BAD)
def test_bad_faces_are_skipped(name: str, tmp_path: Path) -> None:
    content, reason = BAD[name]
    archive = Archive()
    archive.images[file_name(CHANGED)] = content
    archive.write(tmp_path / "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != CHANGED}
    folder = run_faces(tmp_path, "archive", "mine.zip")
    check_faces(folder, expected, {file_name(CHANGED): reason})


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_faces_keep_their_rows(name: str, tmp_path: Path) -> None:
    location = write_faces(tmp_path, UNUSUAL[name])
    folder = run_faces(tmp_path, "folder", location)
    check_faces(folder, {file_name(n): n for n in range(COUNT)}, {})


def write_fashion(root: Path, content: bytes) -> str:
    """Write train/ and test/ with images of three classes, one image with the given content."""
    for number in range(COUNT):
        split = "test" if partition_of(number) == 2 else "train"
        path = root / "mine" / split / f"class {number % 3}" / file_name(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if number == CHANGED else image_bytes(number))
    return "mine"


def read_fashion_numbers(folder: Path) -> dict[str, int]:
    """Return the numbers of the images by name, and check the name and label of each row."""
    found = {}
    classes = read_record(folder)["classes"]
    for split in ("train", "test"):
        part = read_split(folder, split)
        for image, name, label in zip(
            part.images, part.table["image_id"], part.table["label"], strict=True
        ):
            number = read_number(image)
            assert name == f"{split}/{classes[label]}/{file_name(number)}"
            found[name] = number
    return found


@pytest.mark.parametrize("name", BAD)
def test_bad_fashion_images_are_skipped(name: str, tmp_path: Path) -> None:
    content, reason = BAD[name]
    folder = run_fashion(tmp_path, write_fashion(tmp_path, content))
    assert set(read_fashion_numbers(folder).values()) == set(range(COUNT)) - {CHANGED}
    check_skipped(folder, {f"train/class {CHANGED % 3}/{file_name(CHANGED)}": reason})


@pytest.mark.parametrize("name", [name for name in UNUSUAL if "20,000" not in name])
def test_unusual_fashion_images_keep_their_rows(name: str, tmp_path: Path) -> None:
    folder = run_fashion(tmp_path, write_fashion(tmp_path, UNUSUAL[name]))
    assert set(read_fashion_numbers(folder).values()) == set(range(COUNT))
    check_skipped(folder, {})


@pytest.mark.parametrize("sides", [(1, 1), (1, 20_000), (20_000, 1), (8000, 8000)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_images_of_any_size_are_read(sides: tuple[int, int], kind: str, tmp_path: Path) -> None:
    content = encode(Image.new("L", sides, 200), kind)
    folder = run_faces(tmp_path, "folder", write_faces(tmp_path, content))
    found = {}
    for split in ("train", "test"):
        part = read_split(folder, split)
        found |= dict(zip(part.table["image_id"], part.images, strict=True))
    assert sorted(found) == [file_name(n) for n in range(COUNT)]
    assert (abs(found[file_name(CHANGED)].astype(int) - 200) < 3).all()


# Damage to the zip that contains an image

MEMBER = f"{PREFIX}{file_name(CHANGED)}"
Change = Callable[[ZipBytes, str], None]


def change_directory(position: int, code: str, value: int) -> Change:
    return lambda archive, member: archive.put(archive.central(member) + position, code, value)


def change_header(position: int, code: str, value: int) -> Change:
    return lambda archive, member: archive.put(archive.local(member) + position, code, value)


def change_content(archive: ZipBytes, member: str) -> None:
    start = archive.local(member) + 30 + len(member)
    archive.content[start + 100 : start + 140] = bytes(40)


def copy_position(archive: ZipBytes, member: str) -> None:
    """Replace the position of a member by that of another member."""
    other = struct.unpack_from("<I", archive.content, archive.central("/000000.jpg") + 42)
    archive.put(archive.central(member) + 42, "I", *other)


ZIP_DAMAGES: dict[str, tuple[Change, str]] = {
    "encrypted": (change_directory(8, "H", 1), "encrypted"),
    "unknown compression": (change_directory(10, "H", 99), "method 99"),
    "wrong checksum": (change_directory(16, "I", 99), "checksum"),
    "damaged content": (change_content, "damaged"),
    "declared size too small": (change_directory(24, "I", 50), "damaged"),
    "declared size too large": (change_directory(24, "I", 1 << 20), "damaged"),
    "declared size of gigabytes": (change_directory(24, "I", 0xFFFFFFF0), "at most"),
    "declared compressed size of gigabytes": (
        change_directory(20, "I", 0xFFFFFFF0),
        "at most",
    ),
    "no local header": (change_header(0, "I", 0), "not at the position"),
    "wrong length of the name": (change_header(26, "H", 0xFFFF), "damaged"),
    "position after the end": (change_directory(42, "I", 0x7FFFFFF0), "not at the position"),
    "position of another member": (copy_position, "damaged"),
}


TOO_LARGE = (
    "declared size too large",
    "declared size of gigabytes",
    "declared compressed size of gigabytes",
)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", ZIP_DAMAGES)
def test_face_in_damaged_archive_is_skipped(name: str, method: int, tmp_path: Path) -> None:
    change, reason = ZIP_DAMAGES[name]
    Archive(methods={file_name(CHANGED): method}).write(tmp_path / "mine.zip")
    damage(tmp_path / "mine.zip", lambda archive: change(archive, MEMBER))
    folder = run_faces(tmp_path, "archive", "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != CHANGED}
    check_faces(folder, expected, {file_name(CHANGED): reason})


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_face_of_unsupported_compression_is_skipped(method: int, tmp_path: Path) -> None:
    Archive(methods={file_name(CHANGED): method}).write(tmp_path / "mine.zip")
    folder = run_faces(tmp_path, "archive", "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != CHANGED}
    check_faces(folder, expected, {file_name(CHANGED): "method"})


def test_zip_bomb_is_skipped(tmp_path: Path) -> None:
    archive = Archive(methods={file_name(CHANGED): zipfile.ZIP_DEFLATED})
    archive.images[file_name(CHANGED)] = bytes((1 << 28) + 1)
    archive.write(tmp_path / "mine.zip")
    folder = run_faces(tmp_path, "archive", "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != CHANGED}
    check_faces(folder, expected, {file_name(CHANGED): "at most"})


def test_zip_bomb_that_declares_small_size_is_skipped(tmp_path: Path) -> None:
    archive = Archive(methods={file_name(CHANGED): zipfile.ZIP_DEFLATED})
    archive.images[file_name(CHANGED)] = bytes(1 << 26)
    archive.write(tmp_path / "mine.zip")
    declare = change_directory(24, "I", 1000)
    damage(tmp_path / "mine.zip", lambda archive: declare(archive, MEMBER))
    folder = run_faces(tmp_path, "archive", "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != CHANGED}
    check_faces(folder, expected, {file_name(CHANGED): "damaged"})


@pytest.mark.parametrize("name", ZIP_DAMAGES)
def test_fashion_image_in_damaged_zip_is_skipped(name: str, tmp_path: Path) -> None:
    write_fashion(tmp_path, image_bytes(CHANGED))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((tmp_path / "mine").rglob("*.jpg")):
            archive.write(path, path.relative_to(tmp_path / "mine"))
    (tmp_path / "mine.zip").write_bytes(buffer.getvalue())
    member = f"train/class {CHANGED % 3}/{file_name(CHANGED)}"
    change, _ = ZIP_DAMAGES[name]
    damage(tmp_path / "mine.zip", lambda archive: change(archive, member))
    folder = run_fashion(tmp_path, "mine.zip")
    # Too large a declared size has no effect: the content is complete and its checksum correct.
    bad = {} if name in TOO_LARGE else {member: "cannot be read"}
    assert len(read_fashion_numbers(folder)) == COUNT - len(bad)
    check_skipped(folder, bad)
