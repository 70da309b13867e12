"""Tables of images."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.images import (
    ImageTable,
    Row,
    image_figure,
    reconstructions_figure,
    wrap,
)
from latent.figures.common.style import BOTTOM, MARGIN, PIXELS_PER_UNIT, TOP, WIDTH
from latent.figures.fashion.ae_fashion import items_figure
from latent.figures.fashion.classes import Classes
from latent.raw.classes import FASHION_MNIST

Images = NDArray[np.uint8]


def make_images(count: int, side: int = 8, channels: int = 1) -> Images:
    generator = np.random.default_rng(count)
    return generator.integers(0, 256, (count, side, side, channels), dtype=np.uint8)


def canvas_of(figure: Figure) -> Axes:
    return figure.axes[0]


def extents(figure: Figure) -> NDArray[np.float64]:
    """Return left, right, bottom and top of each image, in drawing order."""
    return np.array([image.get_extent() for image in canvas_of(figure).images])


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in canvas_of(figure).texts if text.get_text()]


@pytest.mark.parametrize("channels", [1, 3])
def test_all_images_are_shown_unchanged_and_in_order(channels: int) -> None:
    images = make_images(7, channels=channels)
    before = images.copy()
    figure = image_figure(ImageTable(wrap(images, 3)), "Title", "source")
    shown = [np.asarray(image.get_array()) for image in canvas_of(figure).images]
    assert len(shown) == 7
    for array, image in zip(shown, images, strict=True):
        np.testing.assert_array_equal(array.reshape(image.shape), image)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize(("side", "count"), [(8, 3), (32, 10), (32, 13), (64, 10), (128, 10)])
def test_images_fit_on_the_page_and_do_not_touch(side: int, count: int) -> None:
    rows = [Row(make_images(count, side)), Row(make_images(count, side))]
    table = ImageTable(rows, headings=["heading"] * count, breaks=[1])
    figure = image_figure(table, "Title", "source")
    left, right, bottom, top = extents(figure).T
    assert left.min() >= MARGIN
    assert right.max() <= WIDTH - MARGIN + 0.01
    assert top.min() >= TOP
    assert bottom.max() <= canvas_of(figure).get_ylim()[0] - BOTTOM + 0.51  # the page is rounded
    assert (left[1:count] > right[: count - 1]).all()
    assert top[count] > bottom[0]


def test_much_enlarged_images_have_a_whole_scale() -> None:
    figure = image_figure(ImageTable([Row(make_images(10, 32))]), "Title", "source")
    left, right, bottom, top = extents(figure).T
    np.testing.assert_allclose((right - left) * PIXELS_PER_UNIT % 32, 0, atol=1e-6)
    np.testing.assert_allclose(bottom - top, right - left)


def test_images_that_are_not_square_keep_their_aspect_ratio() -> None:
    images = np.zeros((3, 16, 8, 3), np.uint8)
    left, right, bottom, top = extents(image_figure(ImageTable([Row(images)]), "T", "s"))[0]
    assert (bottom - top) / (right - left) == pytest.approx(2)


def test_a_break_widens_the_gap_before_its_column_only() -> None:
    table = ImageTable([Row(make_images(5))], breaks=[1, 4])
    left, right, _, _ = extents(image_figure(table, "Title", "source")).T
    gaps = left[1:] - right[:-1]
    assert gaps[0] == pytest.approx(gaps[3])
    assert gaps[1] == pytest.approx(gaps[2])
    assert gaps[0] > gaps[1] + 5


def test_too_many_columns_are_still_drawn() -> None:
    figure = image_figure(ImageTable([Row(make_images(200))]), "Title", "source")
    left, right, bottom, top = extents(figure).T
    assert (right > left).all()
    assert (bottom > top).all()


def test_captions_are_below_their_images() -> None:
    captions = ["one", "two", "three"]
    figure = image_figure(ImageTable(wrap(make_images(3), 2, captions)), "Title", "source")
    at = {t.get_text(): t.get_position() for t in canvas_of(figure).texts}
    for caption, (left, right, bottom, _) in zip(captions, extents(figure), strict=True):
        assert at[caption][0] == pytest.approx((left + right) / 2)
        assert bottom < at[caption][1] < bottom + 10


def test_originals_are_above_their_reconstructions() -> None:
    originals, reconstructions = make_images(12), 255 - make_images(12)
    figure = reconstructions_figure(originals, reconstructions, "Title", "source")
    shown = [np.asarray(image.get_array()) for image in canvas_of(figure).images]
    expected = [originals[:10], reconstructions[:10], originals[10:], reconstructions[10:]]
    np.testing.assert_array_equal(shown, np.concatenate(expected)[..., 0])
    assert texts(figure) == [
        "Title", "source", "original", "reconstruction", "original", "reconstruction"
    ]  # fmt: skip
    places = extents(figure)
    np.testing.assert_allclose(places[:10, :2], places[10:20, :2])
    assert (places[:10, 2] < places[10:20, 3]).all()


def test_captions_are_between_originals_and_reconstructions() -> None:
    captions = [f"({n}, 0.0)" for n in range(12)]
    figure = reconstructions_figure(make_images(12), make_images(12), "T", "s", captions)
    at = {t.get_text(): t.get_position() for t in canvas_of(figure).texts}
    places = extents(figure)
    for column, caption in enumerate(captions[:10]):
        left, right, bottom, _ = places[column]
        assert left < at[caption][0] < right
        assert bottom < at[caption][1] < places[10 + column][3]
    assert at[captions[11]][1] > places[10, 2]


def test_a_table_stays_within_its_left_edge_and_width() -> None:
    table = ImageTable(
        [Row(make_images(4, 32), "label")], left=500, width=300, label_width=50, largest=48
    )
    left, right = extents(image_figure(table, "Title", "source")).T[:2]
    assert left.min() >= 550
    assert right.max() <= 800
    np.testing.assert_allclose(right - left, 48)


def test_items_are_in_the_column_of_their_class() -> None:
    labels = np.array([9, 0, 0, 9, 3, 0, 3, 3])
    images = np.zeros((8, 4, 4, 1), np.uint8)
    images[:, 0, 0, 0] = np.arange(8)
    figure = items_figure(images, Classes(labels, FASHION_MNIST), "source")
    assert texts(figure)[2:] == ["T-shirt/top", "Dress", "Ankle boot"]
    shown = [int(np.asarray(image.get_array())[0, 0]) for image in canvas_of(figure).images]
    # Class Dress has one image more than the others, which have blank images in that row.
    assert shown == [1, 4, 0, 2, 6, 3, 5, 7, 0]


def test_items_of_a_single_image_are_that_image() -> None:
    figure = items_figure(make_images(1), Classes(np.array([5]), FASHION_MNIST), "source")
    assert len(canvas_of(figure).images) == 1
    assert "Sandal" in texts(figure)


@pytest.mark.parametrize(("count", "rows"), [(10, 1), (11, 2), (24, 3), (100, 3)])
def test_items_of_many_classes_are_in_several_rows_of_columns(count: int, rows: int) -> None:
    labels = np.repeat(np.arange(count), 2)
    names = [f"quite a long name {label}" for label in range(count)]
    figure = items_figure(make_images(2 * count), Classes(labels, names), "source")
    shown = min(count, 24)
    boxes = extents(figure)
    assert len(boxes) == 2 * shown
    assert len({box[3] for box in boxes}) == 2 * rows
    np.testing.assert_allclose(boxes[:, 1] - boxes[:, 0], boxes[0, 1] - boxes[0, 0])
    headings = [text for text in texts(figure) if text.endswith("…")]
    assert headings == ["quite a long…"] * shown
    assert ("Only the 24 largest of 100 classes are labelled." in texts(figure)) == (count == 100)
