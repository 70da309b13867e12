"""Page layout, legend and files of figures."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from latent.figures.common.style import (
    CLASS_COLOURS,
    TOP,
    WIDTH,
    legend,
    number,
    page,
    panel,
    save_animation,
    save_figure,
)
from latent.raw.classes import FASHION_MNIST


def test_a_page_is_saved_with_two_pixels_per_unit(tmp_path: Path) -> None:
    figure, _ = page(200, "Title", "source")
    save_figure(figure, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (2 * WIDTH, 400)


def test_the_file_contains_no_software_and_no_date(tmp_path: Path) -> None:
    figure, _ = page(100, "Title", "source")
    save_figure(figure, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert not {"Software", "Creation Time", "date"} & set(image.info)


def test_equal_pages_have_equal_bytes_with_any_user_style(tmp_path: Path) -> None:
    figure, _ = page(100, "Title", "source")
    save_figure(figure, tmp_path / "a.png")
    with matplotlib.rc_context({"font.size": 30, "savefig.dpi": 50, "text.color": "blue"}):
        figure, _ = page(100, "Title", "source")
        save_figure(figure, tmp_path / "b.png")
        assert matplotlib.rcParams["font.size"] == 30
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_saved_figure_is_cleared(tmp_path: Path) -> None:
    figure, _ = page(100, "Title", "source")
    save_figure(figure, tmp_path / "a.png")
    assert figure.axes == []


def test_the_canvas_has_units_as_coordinates_from_the_top_left() -> None:
    _, canvas = page(300, "Title", "source")
    top_left, bottom_right = canvas.transData.transform([(0, 0), (WIDTH, 300)])
    np.testing.assert_allclose(top_left, [0, 600], atol=1e-6)
    np.testing.assert_allclose(bottom_right, [2 * WIDTH, 0], atol=1e-6)
    assert {text.get_text() for text in canvas.texts} == {"Title", "source"}


def test_a_panel_has_the_requested_position() -> None:
    figure, _ = page(300, "Title", "source")
    box = panel(figure, 10, TOP, 200, 100).get_window_extent()
    np.testing.assert_allclose(box.extents, [20, 2 * (300 - TOP - 100), 420, 2 * (300 - TOP)])


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1.25, 1, "1.2"), (-3.0, 0, "−3"), (-0.04, 1, "0.0"), (0.0, 1, "0.0"), (-0.25, 2, "−0.25")],
)
def test_numbers_have_a_minus_sign_and_no_sign_at_zero(
    value: float, digits: int, text: str
) -> None:
    assert number(value, digits) == text


def test_the_ten_classes_have_unique_names_and_colours() -> None:
    assert len(set(FASHION_MNIST)) == len(set(CLASS_COLOURS)) == 10


def pages(*colours: str) -> Iterator[Figure]:
    for colour in colours:
        figure, canvas = page(100, "Title", "source")
        canvas.axhspan(40, 60, color=colour)
        yield figure


def test_an_animation_shows_each_page_and_loops(tmp_path: Path) -> None:
    save_animation(pages("red", "blue", "lime"), tmp_path / "a.gif", 0.7)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.size == (WIDTH, 100)
        assert image.info["loop"] == 0
        frames = []
        for frame in range(image.n_frames):
            image.seek(frame)
            pixel = image.convert("RGB").getpixel((450, 50))
            frames.append((image.info["duration"], pixel))
    assert frames == [(700, (255, 0, 0)), (700, (0, 0, 255)), (2100, (0, 255, 0))]


def test_an_animation_of_one_page_has_one_frame(tmp_path: Path) -> None:
    save_animation(pages("red"), tmp_path / "a.gif", 0.7)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 1


def test_equal_animations_have_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.gif", "b.gif"):
        save_animation(pages("red", "blue"), tmp_path / name, 0.7)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_a_note_is_in_the_same_line_as_the_source() -> None:
    _, canvas = page(100, "Title", "source", "note")
    source, note = (next(t for t in canvas.texts if t.get_text() == n) for n in ("source", "note"))
    assert note.get_position()[1] == source.get_position()[1]
    assert (note.get_ha(), source.get_ha()) == ("left", "right")


def test_a_legend_has_a_coloured_dot_before_each_name() -> None:
    _, canvas = page(100, "Title", "source")
    legend(canvas, 50, ["one", "two"], ["red", "blue"], pitch=100)
    assert [line.get_color() for line in canvas.lines] == ["red", "blue"]
    dots = [float(np.asarray(line.get_xdata())[0]) for line in canvas.lines]
    names = [t.get_position()[0] for t in canvas.texts if t.get_text() in ("one", "two")]
    assert dots[0] < names[0] < dots[1] < names[1]
