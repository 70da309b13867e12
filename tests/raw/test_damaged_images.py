"""Damaged image files: each is read or rejected with a one-line reason, and nothing else."""

import io
import re
import struct
import warnings
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from latent.errors import InputError
from latent.raw.image import read_image

ADDRESS = re.compile("0x[0-9a-f]{7}")  # of an object in memory

EXIF = Image.Exif()
EXIF[ExifTags.Base.Orientation] = 6
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8))


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def half_white() -> Image.Image:
    """Return an image whose upper half is white."""
    return Image.fromarray(np.repeat([255, 0], 12).astype(np.uint8)[:, np.newaxis].repeat(24, 1))


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


# Metadata segments of a JPEG that end too early.
SHORT_SEGMENTS = {
    "JFIF": segment(0xE0, b"JFIF\0\1"),
    "colour profile without number": segment(0xE2, b"ICC_PROFILE\0"),
    "colour profile without count": segment(0xE2, b"ICC_PROFILE\0\1"),
    "list of images": segment(0xE2, b"MPF\0MM\0*\0\0"),
    "empty APP2": segment(0xE2, b""),
    "Photoshop": segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x03\xed\0\0\0\0\0\x10\0"),
    "Photoshop without size": segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x03\xed\0\0"),
    "Adobe": segment(0xEE, b"Adobe\0"),
    "Adobe without transform": segment(0xEE, b"Adobe"),
    "XMP": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta"),
}


@pytest.mark.parametrize("name", SHORT_SEGMENTS)
@pytest.mark.parametrize("place", ["before EXIF", "after EXIF"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_photo_with_short_segment_is_turned_upright(name: str, place: str) -> None:
    photo = encode(half_white().convert("RGB"), "JPEG", exif=EXIF, quality=95)
    position = 2 if place == "before EXIF" else photo.index(b"\xff\xdb")
    damaged = photo[:position] + SHORT_SEGMENTS[name] + photo[position:]
    square = read_image(damaged, 16, "stretch").astype(int)
    # Orientation 6: the first row of the file is the right side of the image.
    assert square[:, 9:].min() > 240
    assert square[:, :7].max() < 15


@pytest.mark.parametrize("name", SHORT_SEGMENTS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_photo_with_short_segment_and_damaged_exif_is_not_turned(name: str) -> None:
    photo = encode(half_white().convert("RGB"), "JPEG", exif=b"Exif\0\0II*\0\x08", quality=95)
    square = read_image(photo[:2] + SHORT_SEGMENTS[name] + photo[2:], 16, "stretch").astype(int)
    assert square[:7].min() > 240
    assert square[9:].max() < 15


FILES = {
    "JPEG": encode(NOISE, "JPEG", exif=EXIF, icc_profile=PROFILE, xmp=b"<x/>", comment=b"text"),
    "progressive JPEG": encode(NOISE, "JPEG", exif=EXIF, progressive=True),
    "grey JPEG": encode(NOISE.convert("L"), "JPEG", exif=EXIF),
    "CMYK JPEG": encode(NOISE.convert("CMYK"), "JPEG", exif=EXIF, icc_profile=PROFILE),
    "JPEG of two images": encode(NOISE, "MPO", save_all=True, append_images=[NOISE], exif=EXIF),
    "PNG": encode(NOISE, "PNG", exif=EXIF, icc_profile=PROFILE),
    "PNG with a palette": encode(NOISE.quantize(16), "PNG", transparency=0, exif=EXIF),
    "PNG of 16 bits": encode(Image.fromarray(np.arange(576, dtype=np.uint16)[:, None]), "PNG"),
    "animated PNG": encode(NOISE, "PNG", save_all=True, append_images=[NOISE.rotate(90)]),
    "WebP": encode(NOISE, "WEBP", exif=EXIF, icc_profile=PROFILE),
    "lossless WebP": encode(NOISE.convert("RGBA"), "WEBP", lossless=True),
    "animated WebP": encode(NOISE, "WEBP", save_all=True, append_images=[NOISE.rotate(90)]),
    "BMP": encode(NOISE, "BMP"),
    "BMP with a palette": encode(NOISE.quantize(16), "BMP"),
    "BMP of 1 bit": encode(NOISE.convert("1"), "BMP"),
}


def damage(content: bytes, generator: np.random.Generator) -> bytes:
    """Change, remove or insert a few bytes, half of the times in the header only."""
    damaged = bytearray(content)
    end = len(content) if generator.random() < 0.5 else min(len(content), 200)
    for _ in range(generator.integers(1, 5)):
        position = int(generator.integers(end))
        match generator.integers(4):
            case 0:
                damaged[position : position + 1] = bytes([1 << int(generator.integers(8))])
            case 1:
                damaged[position : position + 1] = generator.choice([b"\0", b"\xff", b"\x7f"])
            case 2:
                del damaged[position : position + int(generator.integers(1, 30))]
            case 3:
                damaged[position:position] = generator.bytes(int(generator.integers(1, 20)))
    return bytes(damaged)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.usefixtures("patience")
def test_damaged_file_is_read_or_rejected(name: str) -> None:
    content = FILES[name]
    assert read_image(content, 16, "stretch").any()
    generator = np.random.default_rng(0)
    rejected = 0
    with warnings.catch_warnings(action="ignore"):
        for number in range(400):
            try:
                square = read_image(damage(content, generator), 16, ("crop", "pad")[number % 2])
            except InputError as error:
                message = str(error)
                assert message.isprintable()
                assert message.strip()
                assert "None" not in message
                assert not ADDRESS.search(message)
                rejected += 1
            else:
                assert square.shape == (16, 16, 3)
                assert square.dtype == np.uint8
    assert rejected >= 50


@pytest.mark.parametrize("count", [2, 9])
@pytest.mark.parametrize("place", [b"\xff\xdb", b"\xff\xd9"])
def test_few_bytes_before_a_marker_are_ignored(count: int, place: bytes) -> None:
    content = FILES["grey JPEG"]
    position = content.rindex(place)
    padded = content[:position] + bytes(count) + content[position:]
    np.testing.assert_array_equal(read_image(padded, 16, "pad"), read_image(content, 16, "pad"))


@pytest.mark.parametrize(
    ("count", "place"), [(16, b"\xff\xd9"), (200, b"\xff\xd9"), (2, b"\xff\xd0")]
)
def test_image_data_that_is_not_decoded_is_rejected(count: int, place: bytes) -> None:
    content = encode(NOISE, "JPEG", restart_marker_rows=1)
    position = content.index(place, content.index(b"\xff\xda"))
    with pytest.raises(InputError, match="extraneous bytes before marker 0x"):
        read_image(content[:position] + bytes(count) + content[position:], 16, "pad")


def with_frame(marker: int, precision: int = 8) -> bytes:
    """Return a JPEG that declares another coding process or number of bits."""
    content = bytearray(FILES["grey JPEG"])
    frame = content.index(b"\xff\xc0")
    content[frame + 1], content[frame + 4] = marker, precision
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (with_frame(0xC3), "cannot be decoded: "),  # lossless
        (with_frame(0xC0, 12), "cannot be decoded: Unsupported JPEG data precision 12"),
        (FILES["JPEG"][: FILES["JPEG"].index(b"\xff\xda") + 14], "cannot be decoded: "),
        (FILES["progressive JPEG"][:-60], "cannot be decoded: "),
        (FILES["CMYK JPEG"][:-60], "cannot be decoded: "),
    ],
    ids=["lossless", "12 bits", "no data after SOS", "truncated progressive", "truncated CMYK"],
)
def test_jpeg_that_cannot_be_decoded_is_rejected(content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read_image(content, 16, "stretch")
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP"])
@pytest.mark.parametrize("sides", [(65_500, 1), (1, 65_500), (65_500, 300)])
@pytest.mark.parametrize("size", [8, 512])
def test_largest_sides_are_read(kind: str, sides: tuple[int, int], size: int) -> None:
    content = encode(Image.new("L", sides, 200), kind)
    for fit in ("stretch", "crop", "pad"):
        square = read_image(content, size, fit)
        assert square.max() in range(198, 203)
