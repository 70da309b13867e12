"""Sheets and animations keep the pixels of their images."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from latent.api.sheets import GAP, LINE, encode_gif, encode_png, enlarge, sheet


@pytest.mark.parametrize(
    ("shape", "columns", "factor"),
    [((32, 32), 1, 8), ((32, 32), 10, 4), ((32, 32), 100, 2), ((64, 32), 10, 2), ((300, 2), 1, 1)],
)
def test_enlargement_is_a_whole_number(shape: tuple[int, int], columns: int, factor: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), np.uint8)
    enlarged = enlarge(images, columns)
    assert enlarged.shape == (2, shape[0] * factor, shape[1] * factor, 3)
    np.testing.assert_array_equal(enlarged[:, ::factor, ::factor], images)


def test_rows_and_columns() -> None:
    images = np.arange(7, dtype=np.uint8).repeat(64 * 64).reshape(7, 64, 64, 1)
    page = sheet(images, 3)
    side = 256
    assert page.size == (3 * (side + GAP) + GAP, 3 * (side + GAP) + GAP)
    for index in range(7):
        row, column = divmod(index, 3)
        corner = (GAP + column * (side + GAP), GAP + row * (side + GAP))
        assert page.getpixel(corner) == (index, index, index)
    assert page.getpixel((GAP + side + GAP, 2 * (side + GAP) + GAP)) == (255, 255, 255)


def test_captions_do_not_cover_other_images() -> None:
    images = np.full((2, 32, 32, 3), 200, np.uint8)
    plain = np.asarray(sheet(images, 2, ["", ""], " "))
    long = "attribute_" * 50
    written = np.asarray(sheet(images, 2, [f"{long}\nβ −3", "日本語"], long))
    height, gap = 256, GAP + LINE
    # Two lines below the images, and one above.
    assert written.shape == (gap + height + GAP + 2 * LINE, *plain.shape[1:])
    np.testing.assert_array_equal(written[gap : gap + height, :], plain[gap : gap + height, :])
    below = written[gap + height :]
    assert (below[:, GAP : GAP + height] < 128).any()
    # A caption ends with its image.
    assert (below[:, GAP + height : 2 * GAP + height] == 255).all()


def test_equal_images_have_equal_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    captions = ["a", "b", "c"]
    assert encode_png(sheet(images, 2, captions)) == encode_png(sheet(images.copy(), 2, captions))
    assert encode_gif(images) == encode_gif(images.copy())


@pytest.mark.parametrize("count", [1, 2, 5])
def test_animation_of_grey_images(count: int) -> None:
    images = np.linspace(0, 255, count * 64, dtype=np.uint8).reshape(count, 8, 8, 1)
    with Image.open(io.BytesIO(encode_gif(images))) as animation:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(animation)]
    np.testing.assert_array_equal(frames, enlarge(images, 1)[..., 0])
