"""Decoding images of all formats into squares of RGB pixels."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from latent.download.faces.sample.archive import make_face
from latent.errors import InputError
from latent.raw import image as module
from latent.raw.image import Fit, read_image

SIZES = [8, 32, 64, 128, 512]
KINDS = ["JPEG", "PNG", "WEBP", "BMP"]
LOSSLESS = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95, "subsampling": 0}}


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **(LOSSLESS.get(kind, {}) | options))
    return buffer.getvalue()


def quarters(width: int = 40, height: int = 40) -> Image.Image:
    """Return an image of four quarters: red, green; blue, grey."""
    pixels = np.empty((height, width, 3), np.uint8)
    top, left = slice(height // 2), slice(width // 2)
    bottom, right = slice(height // 2, None), slice(width // 2, None)
    pixels[top, left], pixels[top, right] = (250, 10, 10), (10, 250, 10)
    pixels[bottom, left], pixels[bottom, right] = (10, 10, 250), (128, 128, 128)
    return Image.fromarray(pixels)


def centres(square: NDArray[np.uint8]) -> list[list[int]]:
    """Return the colours in the centres of a square's four quarters."""
    low, high = len(square) // 4, 3 * len(square) // 4
    return [square[y, x].tolist() for y in (low, high) for x in (low, high)]


COLOURS = [[250, 10, 10], [10, 250, 10], [10, 10, 250], [128, 128, 128]]


def get_error(content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_image(content, 32, "stretch")
    assert "\n" not in str(caught.value)
    assert "0x" not in str(caught.value)  # no memory address, which would change in each run
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_all_formats_become_rgb_squares(kind: str, size: int) -> None:
    square = read_image(encode(quarters(), kind), size, "stretch")
    assert square.shape == (size, size, 3)
    assert square.dtype == np.uint8
    assert np.abs(np.array(centres(square)) - COLOURS).max() <= 4


@pytest.mark.parametrize("size", [32, 64, 128])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_shrunk_jpeg_is_similar_to_full_jpeg(size: int, number: int) -> None:
    content = make_face(0, number).jpeg
    with Image.open(io.BytesIO(content)) as image:
        full = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
    distance = np.abs(read_image(content, size, "stretch").astype(int) - np.asarray(full))
    assert distance.mean() < 2
    assert distance.max() <= 30
    assert np.asarray(full).std() > 20  # the image is not uniform


@pytest.mark.parametrize("shrink", [2, 4, 8])
@pytest.mark.parametrize("extra", [0, 1, 3, 5])
def test_shrunk_jpeg_is_not_shifted(shrink: int, extra: int) -> None:
    # Sides that are not multiples of the factor: a shift by half a pixel changes the last pixels.
    side = 32 * shrink + extra
    ramp = np.linspace(0, 255, side)
    image = Image.fromarray((np.add.outer(ramp, ramp) / 2).astype(np.uint8)).convert("RGB")
    full = image.resize((32, 32), Image.Resampling.BILINEAR)
    square = read_image(encode(image, "JPEG"), 32, "stretch")
    assert np.abs(square.astype(int) - np.asarray(full)).max() <= 3


def test_fine_stripes_do_not_alias() -> None:
    pixels = np.zeros((200, 200, 3), np.uint8)
    pixels[:, ::2] = 255
    for kind in KINDS:
        square = read_image(encode(Image.fromarray(pixels), kind), 32, "stretch")
        assert np.abs(square.astype(int) - 127).max() <= 8, kind


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(("width", "height"), [(90, 30), (30, 90), (600, 200), (200, 600)])
def test_fit(kind: str, width: int, height: int) -> None:
    content = encode(quarters(width, height), kind)
    for fit in ("stretch", "crop"):
        square = read_image(content, 30, fit)
        assert np.abs(np.array(centres(square)) - COLOURS).max() <= 6
        assert square.min(axis=(0, 1)).max() >= 0
    crop = read_image(content, 30, "crop")
    assert np.abs(crop[[0, 0, -1, -1], [0, -1, 0, -1]].astype(int) - COLOURS).max() <= 6
    pad = read_image(content, 30, "pad")
    upright = pad if width > height else pad.transpose(1, 0, 2)
    assert not upright[:10].any()
    assert not upright[20:].any()
    assert upright[10:20].max(axis=2).min() >= 100
    expected = COLOURS if width > height else [COLOURS[0], COLOURS[2], COLOURS[1], COLOURS[3]]
    seen = upright[[12, 12, 17, 17], [7, 22, 7, 22]].astype(int)
    assert np.abs(seen - expected).max() <= 6


def test_crop_uses_the_centre() -> None:
    pixels = np.zeros((60, 300, 3), np.uint8)
    pixels[:, 120:180] = 200
    square = read_image(encode(Image.fromarray(pixels)), 30, "crop")
    assert (square[:, 1:-1] == 200).all()
    assert square.min() > 160  # the filter mixes in a little of the neighbouring pixels


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
@pytest.mark.parametrize("code", range(1, 9))
def test_image_is_turned_upright(kind: str, fit: Fit, code: int) -> None:
    # The image in the file is transposed by the inverse of the transposition for its code.
    inverse = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    undo = inverse.get(code, module.ORIENTATIONS.get(code))
    upright = quarters(64, 32)
    stored = upright if undo is None else upright.transpose(undo)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = code
    expected = read_image(encode(upright, kind), 32, fit)
    square = read_image(encode(stored, kind, exif=exif.tobytes()), 32, fit)
    assert np.abs(square.astype(int) - expected).max() <= 4


def test_exif_orientation_of_the_standard() -> None:
    # According to the standard, code 6 means: row 0 is the right side, column 0 is the top.
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    square = read_image(encode(quarters(), "JPEG", exif=exif.tobytes()), 32, "stretch")
    turned = [COLOURS[2], COLOURS[0], COLOURS[3], COLOURS[1]]
    assert np.abs(np.array(centres(square)) - turned).max() <= 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_invalid_exif_is_ignored(kind: str) -> None:
    exif = b"Exif\x00\x00II*\x00\xff\xff\xff\x7fnonsense"
    square = read_image(encode(quarters(), kind, exif=exif), 32, "stretch")
    assert np.abs(np.array(centres(square)) - COLOURS).max() <= 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_grey(kind: str) -> None:
    grey = Image.fromarray(np.tile(np.array([40, 200], np.uint8).repeat(20), (40, 1)))
    square = read_image(encode(grey, kind), 32, "stretch")
    seen = np.array(centres(square))
    assert np.abs(seen - [[40] * 3, [200] * 3] * 2).max() <= 2


def test_cmyk() -> None:
    content = encode(Image.new("CMYK", (178, 218), (20, 60, 200, 30)), "JPEG")
    assert np.abs(read_image(content, 32, "stretch").astype(int) - (207, 172, 49)).max() <= 3


def test_palette() -> None:
    square = read_image(encode(quarters().quantize(4)), 32, "stretch")
    assert np.abs(np.array(centres(square)) - COLOURS).max() <= 4


def test_bilevel() -> None:
    image = Image.fromarray(np.tile(np.array([False, True]).repeat(20), (40, 1)))
    assert image.mode == "1"
    assert centres(read_image(encode(image), 32, "stretch")) == [[0] * 3, [255] * 3] * 2


def test_sixteen_bits_are_scaled() -> None:
    shades = np.array([0, 10_000, 40_000, 65_535], np.uint16)
    image = Image.fromarray(np.tile(shades.repeat(8), (32, 1)))
    assert image.mode == "I;16"
    square = read_image(encode(image), 32, "stretch")
    assert square[16, [4, 12, 20, 28], 0].tolist() == [0, 39, 156, 255]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "L"])
@pytest.mark.parametrize("fit", ["stretch", "pad"])
def test_transparent_becomes_white(mode: str, fit: Fit) -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, 20:] = (90, 90, 90, 255)  # the transparent pixels are black
    if mode in ("RGBA", "LA"):
        content = encode(Image.fromarray(pixels).convert(mode))
    elif mode == "P":
        content = encode(Image.fromarray(pixels[..., :3]).quantize(2), transparency=1)
        if read_image(content, 32, fit)[16, 4, 0] == 0:  # quantize chooses the order
            content = encode(Image.fromarray(pixels[..., :3]).quantize(2), transparency=0)
    else:
        transparency = (0, 0, 0) if mode == "RGB" else 0
        image = Image.fromarray(pixels[..., :3]).convert(mode)
        content = encode(image, transparency=transparency)
    square = read_image(content, 32, fit)
    assert square[16, 4].tolist() == [255, 255, 255]
    assert square[16, 28].tolist() == [90, 90, 90]


def test_half_transparent_is_half_white() -> None:
    content = encode(Image.new("RGBA", (40, 40), (0, 0, 0, 128)))
    assert np.abs(read_image(content, 32, "stretch").astype(int) - 127).max() <= 1


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_first_frame_of_animation_is_used(kind: str) -> None:
    later = Image.new("RGB", (40, 40), (0, 0, 0))
    content = encode(quarters(), kind, save_all=True, append_images=[later])
    square = read_image(content, 32, "stretch")
    assert np.abs(np.array(centres(square)) - COLOURS).max() <= 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_one_pixel(kind: str, fit: Fit) -> None:
    square = read_image(encode(Image.new("RGB", (1, 1), (200, 100, 50)), kind), 32, fit)
    assert np.abs(square.astype(int) - (200, 100, 50)).max() <= 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP"])
@pytest.mark.parametrize("shape", [(20_000, 1), (1, 20_000)])
@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_long_and_thin(kind: str, shape: tuple[int, int], fit: Fit) -> None:
    square = read_image(encode(Image.new("RGB", shape, (200, 100, 50)), kind), 32, fit)
    thick = square if fit != "pad" else square[16, :] if shape[0] > 1 else square[:, 16]
    if fit == "pad":
        lit = square.any(axis=2)
        assert lit.sum() == 32
        thick = square[lit]
    assert np.abs(thick.astype(int) - (200, 100, 50)).max() <= 4


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that declares a large size but contains little data."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_too_many_pixels() -> None:
    assert get_error(bomb(9000, 9000)) == "9000×9000 pixels; at most 67,108,864 are allowed"
    assert get_error(bomb(20_000, 20_000)) == "more than 67,108,864 pixels"
    small = encode(quarters(), "JPEG")
    frame = small.index(b"\xff\xc0")  # the frame header, which contains the size
    large = small[: frame + 5] + struct.pack(">HH", 20_000, 20_000) + small[frame + 9 :]
    assert get_error(large) == "20000×20000 pixels; at most 67,108,864 are allowed"


def test_limit_on_number_of_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PIXELS", 40 * 40)
    for kind in KINDS:
        read_image(encode(quarters(), kind), 32, "stretch")
        with pytest.raises(InputError, match=r"^41×40 pixels; at most 1,600 are allowed$"):
            read_image(encode(quarters(41, 40), kind), 32, "stretch")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_truncated(kind: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    content = encode(Image.fromarray(noise), kind)
    message = get_error(content[: int(len(content) * kept)])
    assert message.startswith(("cannot be decoded: ", "not a JPEG"))


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_headers_raise_only_input_errors(kind: str) -> None:
    content = encode(quarters(), kind)
    generator = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(content)
        for position in generator.integers(0, min(len(content), 200), 4):
            damaged[position] = generator.integers(256)
        try:
            square = read_image(bytes(damaged), 32, "stretch")
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert square.shape == (32, 32, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"no image", "not a JPEG, PNG, WebP or BMP image"),
        (b"<html>quota exceeded</html>", "not a JPEG, PNG, WebP or BMP image"),
        (b"\xff\xd8\xff", "not a JPEG, PNG, WebP or BMP image"),
        (encode(quarters(), "GIF"), "not a JPEG, PNG, WebP or BMP image"),
        (encode(quarters(), "TIFF"), "not a JPEG, PNG, WebP or BMP image"),
        (encode(quarters(), "EPS"), "not a JPEG, PNG, WebP or BMP image"),
    ],
)
def test_other_files_are_rejected(content: bytes, reason: str) -> None:
    assert get_error(content) == reason


def test_jpeg_with_extra_bytes_between_markers_is_read() -> None:
    content = encode(quarters(), "JPEG")
    # After the quantisation tables, before the next marker.
    position = content.index(b"\xff\xc0")
    square = read_image(content[:position] + b"something" + content[position:], 32, "stretch")
    assert np.abs(np.array(centres(square)) - COLOURS).max() <= 4


@pytest.mark.parametrize("missing", [3, 30, 300])
def test_jpeg_with_missing_data_is_rejected(missing: int) -> None:
    content = make_face(0, 0).jpeg
    assert content.endswith(b"\xff\xd9")
    assert get_error(content[: -missing - 2] + b"\xff\xd9").startswith("cannot be decoded: ")


def test_damaged_png_is_rejected() -> None:
    content = bytearray(encode(quarters(400, 400)))
    start = content.index(b"IDAT") + 4
    content[start + 20] ^= 0xFF
    assert get_error(bytes(content)).startswith("cannot be decoded: ")


def test_jpeg_with_trailing_bytes_is_read() -> None:
    content = encode(quarters(), "JPEG") + b"something else"
    square = read_image(content, 32, "stretch")
    assert np.abs(np.array(centres(square)) - COLOURS).max() <= 4


def test_progressive_jpeg() -> None:
    plain = encode(quarters(400, 400), "JPEG")
    progressive = encode(quarters(400, 400), "JPEG", progressive=True)
    assert progressive != plain
    np.testing.assert_array_equal(
        read_image(progressive, 32, "stretch"), read_image(plain, 32, "stretch")
    )
