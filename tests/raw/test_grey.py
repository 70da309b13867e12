"""Converting images of all formats to small grey squares."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from latent.raw.grey import read_grey

RAMP = np.repeat(np.arange(0, 256, 8, dtype=np.uint8), 32).reshape(32, 32)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def grey(image: Image.Image, size: int = 32, kind: str = "PNG", **options: Any) -> NDArray[Any]:
    read = read_grey(encoded(image, kind, **options), size)
    assert read.shape == (size, size)
    assert read.dtype == np.uint8
    return read.astype(int)


KINDS = {
    "PNG": ("L", "RGB", "P", "LA", "RGBA"),
    "WEBP": ("L", "RGB", "P", "LA", "RGBA"),
    "BMP": ("L", "RGB", "P", "RGBA"),
}


@pytest.mark.parametrize(("kind", "mode"), [(k, mode) for k in KINDS for mode in KINDS[k]])
def test_grey_image_of_right_size_is_unchanged(kind: str, mode: str) -> None:
    image = Image.fromarray(RAMP).convert(mode)
    options = {"lossless": True} if kind == "WEBP" else {}
    # The conversion from RGB to grey rounds.
    np.testing.assert_allclose(grey(image, kind=kind, **options), RAMP, atol=1)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_is_nearly_unchanged(mode: str) -> None:
    image = Image.fromarray(RAMP).convert("RGB").convert(mode)
    np.testing.assert_allclose(grey(image, kind="JPEG", quality=95), RAMP, atol=6)


def test_16_bits_are_scaled_and_not_clipped() -> None:
    deep = Image.fromarray(RAMP.astype(np.uint16) * 257)
    assert deep.mode == "I;16"
    np.testing.assert_array_equal(grey(deep), RAMP)


def test_transparent_pixels_become_white() -> None:
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 16, 32))
    read = grey(image)
    assert (read[:, :16] == 0).all()
    assert (read[:, 16:] == 255).all()
    palette = Image.fromarray(np.repeat([[0, 1]], 32, axis=0).repeat(16, axis=1).astype(np.uint8))
    palette = palette.convert("P")
    read = grey(palette, transparency=1)
    assert (read[:, 16:] == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_rotated_image_is_turned_upright(orientation: int) -> None:
    upright = Image.fromarray(RAMP)
    # A camera stores the inverse of the transposition that turns the image upright.
    inverse = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = (
        upright.transpose(Image.Transpose(inverse[orientation])) if orientation > 1 else upright
    )
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_allclose(grey(stored, kind="JPEG", quality=95, exif=exif), RAMP, atol=6)
    np.testing.assert_array_equal(grey(stored, exif=exif), RAMP)


@pytest.mark.parametrize(
    ("sides", "box"),
    [
        ((64, 32), (0, 8, 32, 24)),
        ((32, 64), (8, 0, 24, 32)),
        ((8, 4), (0, 8, 32, 24)),
        ((1, 1), (0, 0, 32, 32)),
        ((3000, 1), (0, 15, 32, 16)),
    ],
)
def test_longer_side_fills_square_and_rest_is_black(
    sides: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    read = grey(Image.new("L", sides, 255))
    left, top, right, bottom = box
    expected = np.zeros((32, 32))
    expected[top:bottom, left:right] = 255
    np.testing.assert_array_equal(read, expected)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_fine_pattern_does_not_alias(kind: str) -> None:
    board = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    read = grey(Image.fromarray(board), size=28, kind=kind)
    assert abs(read - 127.5).max() < 4
