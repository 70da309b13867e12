"""Figures of two latent dimensions: scatter plots, generated images, decoded grids."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgba_array
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.style import CLASS_COLOURS, POINT, save_figure
from latent.figures.fashion.classes import NAMED, Classes
from latent.figures.fashion.decoded import box_lines, crossings, decoded_figure, p_line
from latent.figures.fashion.embeddings import embeddings_figure, p_values_figure
from latent.figures.fashion.generated import generated_figure
from latent.figures.fashion.points import first_two, shown_dimensions
from latent.figures.fashion.spread import spread
from latent.raw.classes import FASHION_MNIST

GENERATOR = np.random.default_rng(0)
LABELS = GENERATOR.integers(0, 10, 200)
CLASSES = Classes(LABELS, FASHION_MNIST)
Z = GENERATOR.normal(LABELS[:, np.newaxis], 1, (200, 2)).astype(np.float32)


def check_limits(axes: Axes, points: NDArray[np.floating]) -> None:
    """Check that the limits are finite and include all points, and that the scales are equal."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert np.isfinite([left, right, bottom, top]).all()
    assert (points.min(axis=0) >= [left, bottom]).all()
    assert (points.max(axis=0) <= [right, top]).all()
    box = axes.get_window_extent()
    assert box.width / (right - left) == pytest.approx(box.height / (top - bottom))


def colours(axes: Axes) -> list[str]:
    return [to_hex(colour) for colour in to_rgba_array(axes.collections[0].get_facecolor())]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]


def test_embeddings_without_classes_have_one_colour_and_no_labels() -> None:
    axes = embeddings_figure(Z, None, "source").axes[1]
    np.testing.assert_allclose(np.asarray(axes.collections[0].get_offsets(), float), Z)
    assert colours(axes) == [POINT]
    assert not axes.texts
    check_limits(axes, Z)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("z₁", "z₂")


def test_embeddings_with_classes_have_colours_and_labels() -> None:
    labels = np.where(LABELS < 5, 1, 7)
    axes = embeddings_figure(Z, Classes(labels, FASHION_MNIST), "source").axes[1]
    assert colours(axes) == [CLASS_COLOURS[label] for label in labels]
    assert [text.get_text() for text in axes.texts] == ["Trouser", "Sneaker"]
    np.testing.assert_allclose(
        axes.texts[1].get_position(), np.median(Z[labels == 7], axis=0), atol=0.3
    )


def test_class_names_are_literal_text_and_shortened() -> None:
    names = ["costs $1^2$", "one of the longest names of a class"]
    figure = embeddings_figure(Z, Classes(LABELS % 2, names), "source")
    assert texts(figure)[-2:] == ["costs $1^2$", "one of the longest name…"]
    assert not any(text.get_parse_math() for text in figure.axes[1].texts)


@pytest.mark.parametrize("count", [11, 24, 40, 256])
def test_all_classes_have_colours_and_the_largest_have_labels(count: int) -> None:
    # Class 3 has three images, class 1 has two, and the others have one each.
    labels = np.concatenate([np.arange(count), [3, 3, 1]])
    classes = Classes(labels, [f"class {label}" for label in range(count)])
    assert len(set(classes.colours)) == count
    z = GENERATOR.standard_normal((len(labels), 2))
    for figure in (embeddings_figure(z, classes, "source"), p_values_figure(z, classes, "source")):
        axes = figure.axes[1]
        assert colours(axes) == [classes.colours[label] for label in labels]
        expected = [f"class {label}" for label in range(min(count, NAMED))]
        assert [text.get_text() for text in axes.texts] == expected
        note = f"Only the {NAMED} largest of {count} classes are labelled."
        assert any(text.endswith(note) for text in texts(figure)) == (count > NAMED)
    rare = Classes(np.concatenate([np.arange(count), np.full(2, count - 1)]), classes.names)
    assert count - 1 in rare.named
    assert len(rare.named) == min(count, NAMED)


def test_classes_without_images_have_no_labels() -> None:
    classes = Classes(np.array([0, 2]), ["a", "b", "c"])
    figure = embeddings_figure(Z[:2], classes, "source")
    assert [text.get_text() for text in figure.axes[1].texts] == ["a", "c"]


def test_p_values_are_in_the_unit_square() -> None:
    _, left, right = p_values_figure(Z * 100, CLASSES, "source").axes
    check_limits(left, Z * 100)
    p = np.asarray(right.collections[0].get_offsets())
    assert p.min() >= 0
    assert p.max() <= 1
    assert right.get_xlim() == right.get_ylim() == (0, 1)
    assert (right.get_xlabel(), right.get_ylabel()) == ("Φ(z₁)", "Φ(z₂)")


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_figures_show_the_first_two_dimensions_of_any_space(latent_dim: int) -> None:
    z = GENERATOR.standard_normal((9, latent_dim))
    points = first_two(z)
    assert points.shape == (9, 2)
    np.testing.assert_array_equal(points[:, : min(latent_dim, 2)], z[:, :2])
    title = texts(embeddings_figure(z, None, "source"))[0]
    assert ("dimensions 1 and 2 of 5" in title) == (latent_dim == 5)
    assert bool(shown_dimensions(latent_dim)) == (latent_dim > 2)


@pytest.mark.parametrize(
    "z", [np.zeros((1, 2)), np.full((4, 2), 3.0), np.array([[0, 0], [0, 9.0]])]
)
def test_equal_embeddings_have_valid_limits(z: NDArray[np.float64]) -> None:
    classes = Classes(np.zeros(len(z), int), FASHION_MNIST)
    check_limits(embeddings_figure(z, classes, "source").axes[1], z)
    x, y = box_lines(z, 3)
    assert len(crossings(x, y)) == 9
    assert (np.diff(x) > 0).all()
    assert (np.diff(y) > 0).all()


def test_generated_points_are_marked_numbered_and_captioned() -> None:
    generated = np.array([[20, -20], [0.04, 1.26]], np.float32)
    images = np.zeros((2, 8, 8, 1), np.uint8)
    figure = generated_figure(Z, generated, images, "Title", "source")
    canvas, axes = figure.axes
    check_limits(axes, np.concatenate([Z, generated]))
    assert len(canvas.images) == 2
    assert [text.get_text() for text in axes.texts] == ["1", "2"]
    assert texts(figure)[3:5] == ["1:  (20.0, −20.0)", "2:  (0.0, 1.3)"]
    marks = [np.asarray(collection.get_offsets()) for collection in axes.collections]
    np.testing.assert_allclose(marks[1], generated)


def test_captions_of_more_than_two_dimensions_are_shortened() -> None:
    z = np.ones((2, 3), np.float32)
    figure = generated_figure(z, z, np.zeros((2, 8, 8, 1), np.uint8), "Title", "source")
    assert "1:  (1.0, 1.0, …)" in texts(figure)


def test_boxes_do_not_overlap_and_stay_within_bounds() -> None:
    middles = np.array([[50, 50], [50, 50], [52, 49], [200, 50], [99, 99]], float)
    widths = [30.0, 20.0, 30.0, 30.0, 30.0]
    placed = spread(middles, widths, 10, (0, 0, 300, 100))
    for a, b in combinations(range(5), 2):
        across, along = abs(placed[a] - placed[b])
        assert across >= (widths[a] + widths[b]) / 2 or along >= 10 - 0.1
    np.testing.assert_array_equal(placed[3], middles[3])
    assert placed[4, 1] == 95
    np.testing.assert_array_equal(middles[0], [50, 50])


def test_boxes_without_room_stay_within_bounds() -> None:
    placed = spread(np.full((20, 2), 5.0), [10.0] * 20, 10, (0, 0, 10, 30))
    assert np.isfinite(placed).all()
    assert placed[:, 1].min() >= 5
    assert placed[:, 1].max() <= 25


def test_the_grid_of_a_box_is_row_by_row_from_minimum_to_maximum() -> None:
    x, y = box_lines(np.array([[0, -1], [2, 3], [1, 0]], np.float32), 3)
    np.testing.assert_allclose(x, [0, 1, 2])
    np.testing.assert_allclose(y, [-1, 1, 3])
    points = crossings(x, y[:2])
    np.testing.assert_allclose(points, [[0, -1], [1, -1], [2, -1], [0, 1], [1, 1], [2, 1]])


@pytest.mark.parametrize("count", [2, 15, 100])
def test_p_lines_start_and_end_half_a_step_from_0_and_1(count: int) -> None:
    line = p_line(count)
    assert len(line) == count
    assert line[0] == pytest.approx(0.5 / count)
    assert line[-1] == pytest.approx(1 - 0.5 / count)
    np.testing.assert_allclose(np.diff(line), 1 / count, rtol=1e-4)


def test_decoded_images_are_centred_at_their_points() -> None:
    lines = (np.array([0, 1, 2], np.float32), np.array([5, 8], np.float32))
    images = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1) * np.ones((6, 4, 4, 1), np.uint8)
    figure = decoded_figure(images, lines, Z, CLASSES, axis="p{}", title="Title", source="source")
    axes = figure.axes[1]
    for index, image in enumerate(axes.images):
        left, right, bottom, top = image.get_extent()
        assert np.asarray(image.get_array())[0, 0] == index
        assert (left + right) / 2 == pytest.approx(index % 3)
        assert (bottom + top) / 2 == pytest.approx([5, 8][index // 3])
        assert right - left == pytest.approx(top - bottom)
        assert right - left < 1
    edges = np.array([[0, 5], [2, 8]]) + np.array([[-0.4], [0.4]])
    check_limits(axes, edges)
    assert axes.get_xlabel() == "p₁"


def test_equal_figures_have_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_figure(p_values_figure(Z, CLASSES, "source"), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
