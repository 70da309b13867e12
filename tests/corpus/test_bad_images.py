"""Image files that are damaged, hostile or just unusual: a counted skip, or the right row."""

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
    Bytes,
    damage,
    encode,
    file_name,
    partition_of,
    picture,
    read_number,
    stripes,
)
from PIL import Image
from runs import check_faces, check_skipped, run_faces, run_fashion, used

from latent.io.dataset import read_record, read_split

pytestmark = pytest.mark.usefixtures("patience")

VICTIM = 11  # the number of the image that something is wrong with
NUMBERS = used({file_name(n): n for n in range(COUNT)})


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def put(content: bytes, at: int, form: str, *values: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into(form, changed, at, *values)
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


JPEG, PNG = picture(VICTIM), picture(VICTIM, "PNG")
WEBP, BMP = picture(VICTIM, "WEBP"), picture(VICTIM, "BMP")
FRAME = JPEG.index(b"\xff\xc0")  # where a JPEG says how large it is

BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "one byte": (b"\xff", "is no JPEG"),
    "text": (b"not an image\n", "is no JPEG"),
    "a web page": (b"<!DOCTYPE html><html><title>404</title></html>", "is no JPEG"),
    "noise": (np.random.default_rng(0).bytes(3000), "is no JPEG"),
    "zeros": (bytes(3000), "is no JPEG"),
    "a GIF": (encode(stripes(VICTIM), "GIF"), "is no JPEG"),
    "a TIFF": (encode(stripes(VICTIM), "TIFF"), "is no JPEG"),
    "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is no JPEG"),
    "a PDF": (b"%PDF-1.7\n%%EOF", "is no JPEG"),
    "EPS, which is a program": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is no JPEG"),
    "a zip": (b"PK\x05\x06" + bytes(18), "is no JPEG"),
    "half a JPEG": (half(JPEG), "cannot be decoded"),
    "a JPEG without pixels": (without_pixels(JPEG), "cannot be decoded"),
    "a JPEG of its first bytes": (JPEG[:20], ""),
    "a JPEG of no height": (put(JPEG, FRAME + 5, ">H", 0), "is no JPEG"),
    "a JPEG of no width": (put(JPEG, FRAME + 7, ">H", 0), "is no JPEG"),
    "a JPEG that lies of its size": (put(JPEG, FRAME + 5, ">HH", 65000, 65000), "pixels"),
    "a JPEG that lies of its height": (put(JPEG, FRAME + 5, ">H", 65000), "cannot be decoded"),
    "a JPEG of nine components": (put(JPEG, FRAME + 9, ">B", 9), "is no JPEG"),
    "a JPEG that lacks a table": (JPEG.replace(b"\xff\xdb", b"\xff\xfe"), "cannot be decoded"),
    "half a PNG": (half(PNG), "cannot be decoded"),
    "a PNG of its first bytes": (PNG[:30], ""),
    "a PNG of a wrong checksum": (put(PNG, 29, ">I", 7), "is no JPEG"),
    "a PNG that lies of its size": (png(20_000, 20_000, b""), "more than 67,108,864 pixels"),
    "a PNG of too little data": (png(SIDE, SIDE, bytes(99)), "cannot be decoded"),
    "a PNG of no width": (png(0, SIDE, bytes(99)), ""),
    "a PNG of unknown colours": (png(SIDE, SIDE, bytes(9999), colour=5), ""),
    "a PNG whose data are none": (PNG.replace(b"IDAT\x78", b"IDAT\x00"), "cannot be decoded"),
    "a PNG that is a bomb": (png(9000, 9000, bytes(9000 * 9001)), "has 9000×9000 pixels"),
    "half a WebP": (half(WEBP), ""),
    "a WebP of its first bytes": (WEBP[:16], ""),
    "half a BMP": (half(BMP), "cannot be decoded"),
    "a BMP that lies of its size": (
        put(BMP, 18, "<ii", 60_000, 60_000),
        "more than 67,108,864 pixels",
    ),
    "a BMP of negative width": (put(BMP, 18, "<i", -40), ""),
    "a BMP of unknown compression": (put(BMP, 30, "<I", 99), ""),
}


def fine(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    return encode(image, kind, **options)


GREY = Image.fromarray(stripes(VICTIM))
BLANK = Image.new("L", (SIDE, SIDE))


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 3
    return fine(GREY.transpose(Image.Transpose.ROTATE_180), "JPEG", exif=exif)


def see_through() -> Image.Image:
    """Black stripes on nothing."""
    dark = Image.new("LA", (SIDE, SIDE), (0, 0))
    dark.putalpha(Image.fromarray(255 - stripes(VICTIM)))
    return dark


UNUSUAL: dict[str, bytes] = {
    "a PNG": PNG,
    "a lossless WebP": fine(GREY, "WEBP", lossless=True),
    "a BMP": BMP,
    "a progressive JPEG": fine(GREY.convert("RGB"), "JPEG", progressive=True),
    "a grey JPEG": fine(GREY, "JPEG"),
    "a CMYK JPEG without a profile": fine(GREY.convert("RGB").convert("CMYK"), "JPEG"),
    "a JPEG with garbage behind": JPEG + b"garbage" * 99,
    "a JPEG with broken EXIF": fine(GREY, "JPEG", exif=b"Exif\0\0II*\0" + b"\xff" * 60),
    "a JPEG with empty EXIF": fine(GREY, "JPEG", exif=b"Exif\0\0"),
    "a JPEG upside down, and EXIF that says so": turned(),
    "a JPEG with a broken profile": fine(GREY, "JPEG", icc_profile=b"nonsense" * 20),
    "a PNG of 16 bits": fine(Image.fromarray(stripes(VICTIM).astype(np.uint16) * 257)),
    "a PNG of 1 bit": fine(GREY.convert("1")),
    "a PNG with a palette": fine(GREY.convert("P")),
    "a PNG with grey and alpha": fine(GREY.convert("LA")),
    "a PNG that is see-through where it is white": fine(see_through()),
    "a PNG with broken text": PNG[:33] + chunk(b"zTXt", b"x\0\0broken") + PNG[33:],
    "an animated WebP": fine(GREY, "WEBP", lossless=True, save_all=True, append_images=[BLANK]),
    "an animated PNG": fine(GREY, "PNG", save_all=True, append_images=[BLANK]),
    "20,000 pixels wide": fine(GREY.resize((20_000, SIDE), Image.Resampling.NEAREST)),
    "20,000 pixels high": fine(GREY.resize((5, 20_000), Image.Resampling.NEAREST)),
}


def folder_of_faces(root: Path, content: bytes) -> str:
    for number in range(COUNT):
        path = root / "mine" / file_name(number)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if number == VICTIM else picture(number))
    return "mine"


@pytest.mark.parametrize("name", BAD)
def test_faces_that_are_bad_are_skipped(name: str, tmp_path: Path) -> None:
    content, reason = BAD[name]
    archive = Archive()
    archive.images[file_name(VICTIM)] = content
    archive.write(tmp_path / "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != VICTIM}
    folder = run_faces(tmp_path, "archive", "mine.zip")
    check_faces(folder, expected, {file_name(VICTIM): reason})


@pytest.mark.parametrize("name", UNUSUAL)
def test_faces_that_are_unusual_are_in_their_rows(name: str, tmp_path: Path) -> None:
    location = folder_of_faces(tmp_path, UNUSUAL[name])
    folder = run_faces(tmp_path, "folder", location)
    check_faces(folder, {file_name(n): n for n in range(COUNT)}, {})


def own_garments(root: Path, content: bytes) -> str:
    """Write garments in three folders, some into a split that is given."""
    for number in range(COUNT):
        split = "test" if partition_of(number) == 2 else "train"
        path = root / "mine" / split / f"class {number % 3}" / file_name(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if number == VICTIM else picture(number))
    return "mine"


def garments_of(folder: Path) -> dict[str, int]:
    """Return the images with their numbers, each row checked against its name and label."""
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
def test_garments_that_are_bad_are_skipped(name: str, tmp_path: Path) -> None:
    content, reason = BAD[name]
    folder = run_fashion(tmp_path, own_garments(tmp_path, content))
    assert set(garments_of(folder).values()) == set(range(COUNT)) - {VICTIM}
    check_skipped(folder, {f"train/class {VICTIM % 3}/{file_name(VICTIM)}": reason})


@pytest.mark.parametrize("name", [name for name in UNUSUAL if "20,000" not in name])
def test_garments_that_are_unusual_are_in_their_rows(name: str, tmp_path: Path) -> None:
    folder = run_fashion(tmp_path, own_garments(tmp_path, UNUSUAL[name]))
    assert set(garments_of(folder).values()) == set(range(COUNT))
    check_skipped(folder, {})


@pytest.mark.parametrize("sides", [(1, 1), (1, 20_000), (20_000, 1), (8000, 8000)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_images_of_any_size_are_taken(sides: tuple[int, int], kind: str, tmp_path: Path) -> None:
    content = encode(Image.new("L", sides, 200), kind)
    folder = run_faces(tmp_path, "folder", folder_of_faces(tmp_path, content))
    found = {}
    for split in ("train", "test"):
        part = read_split(folder, split)
        found |= dict(zip(part.table["image_id"], part.images, strict=True))
    assert sorted(found) == [file_name(n) for n in range(COUNT)]
    assert (abs(found[file_name(VICTIM)].astype(int) - 200) < 3).all()


# Damage that only an archive can do to an image

MEMBER = f"{PREFIX}{file_name(VICTIM)}"
Change = Callable[[Bytes, str], None]


def directory(at: int, form: str, value: int) -> Change:
    return lambda archive, member: archive.put(archive.central(member) + at, form, value)


def own_header(at: int, form: str, value: int) -> Change:
    return lambda archive, member: archive.put(archive.local(member) + at, form, value)


def spoil_content(archive: Bytes, member: str) -> None:
    start = archive.local(member) + 30 + len(member)
    archive.content[start + 100 : start + 140] = bytes(40)


def same_place(archive: Bytes, member: str) -> None:
    """Let the member be another one's bytes."""
    other = struct.unpack_from("<I", archive.content, archive.central("/000000.jpg") + 42)
    archive.put(archive.central(member) + 42, "I", *other)


PACKED: dict[str, tuple[Change, str]] = {
    "encrypted": (directory(8, "H", 1), "encrypted"),
    "of unknown compression": (directory(10, "H", 99), "method 99"),
    "of another checksum": (directory(16, "I", 99), "checksum"),
    "spoilt": (spoil_content, "damaged"),
    "declared too small": (directory(24, "I", 50), "damaged"),
    "declared too large": (directory(24, "I", 1 << 20), "damaged"),
    "declared as gigabytes": (directory(24, "I", 0xFFFFFFF0), "more than"),
    "packed gigabytes": (directory(20, "I", 0xFFFFFFF0), "more than"),
    "without a header": (own_header(0, "I", 0), "not where"),
    "with a name of any length": (own_header(26, "H", 0xFFFF), "damaged"),
    "behind the end": (directory(42, "I", 0x7FFFFFF0), "not where"),
    "in the place of another": (same_place, "damaged"),
}


TOO_LARGE = ("declared too large", "declared as gigabytes", "packed gigabytes")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", PACKED)
def test_an_image_that_the_archive_spoils_is_skipped(
    name: str, method: int, tmp_path: Path
) -> None:
    change, reason = PACKED[name]
    Archive(methods={file_name(VICTIM): method}).write(tmp_path / "mine.zip")
    damage(tmp_path / "mine.zip", lambda archive: change(archive, MEMBER))
    folder = run_faces(tmp_path, "archive", "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != VICTIM}
    check_faces(folder, expected, {file_name(VICTIM): reason})


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_image_of_rare_compression_is_skipped(method: int, tmp_path: Path) -> None:
    Archive(methods={file_name(VICTIM): method}).write(tmp_path / "mine.zip")
    folder = run_faces(tmp_path, "archive", "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != VICTIM}
    check_faces(folder, expected, {file_name(VICTIM): "method"})


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    archive = Archive(methods={file_name(VICTIM): zipfile.ZIP_DEFLATED})
    archive.images[file_name(VICTIM)] = bytes((1 << 27) + 1)
    archive.write(tmp_path / "mine.zip")
    folder = run_faces(tmp_path, "archive", "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != VICTIM}
    check_faces(folder, expected, {file_name(VICTIM): "more than"})


def test_a_bomb_that_declares_less_is_not_unpacked(tmp_path: Path) -> None:
    archive = Archive(methods={file_name(VICTIM): zipfile.ZIP_DEFLATED})
    archive.images[file_name(VICTIM)] = bytes(1 << 26)
    archive.write(tmp_path / "mine.zip")
    declare = directory(24, "I", 1000)
    damage(tmp_path / "mine.zip", lambda archive: declare(archive, MEMBER))
    folder = run_faces(tmp_path, "archive", "mine.zip")
    expected = {name: number for name, number in NUMBERS.items() if number != VICTIM}
    check_faces(folder, expected, {file_name(VICTIM): "damaged"})


@pytest.mark.parametrize("name", PACKED)
def test_a_zip_of_garments_that_spoils_an_image(name: str, tmp_path: Path) -> None:
    own_garments(tmp_path, picture(VICTIM))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((tmp_path / "mine").rglob("*.jpg")):
            archive.write(path, path.relative_to(tmp_path / "mine"))
    (tmp_path / "mine.zip").write_bytes(buffer.getvalue())
    member = f"train/class {VICTIM % 3}/{file_name(VICTIM)}"
    change, _ = PACKED[name]
    damage(tmp_path / "mine.zip", lambda archive: change(archive, member))
    folder = run_fashion(tmp_path, "mine.zip")
    # A size that is too large does no harm: the content ends, and its checksum is right.
    bad = {} if name in TOO_LARGE else {member: "cannot be read"}
    assert len(garments_of(folder)) == COUNT - len(bad)
    check_skipped(folder, bad)
