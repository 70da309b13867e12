"""Latent histograms, attribute edits and morphs."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from latent.figures.common.factors import few_factors
from latent.figures.common.style import ACCENT, INK, PALE_BLUE, PALE_ORANGE
from latent.figures.faces.edits import alpha_headings, edits_figure, morphs_figure, without_first
from latent.figures.faces.histograms import (
    far_from_normal,
    histograms_figure,
)
from latent.figures.faces.sheet import Edited, choose_face, sheet_figure
from latent.io.dataset import SAMPLE_NAME


def flat(*values: int) -> np.ndarray:
    """Return one image per value, in which all pixels have this value."""
    return np.array(values, np.uint8).reshape(-1, 1, 1, 1) * np.ones((8, 8, 3), np.uint8)


def shown(figure: Figure) -> list[int]:
    return [int(np.asarray(image.get_array())[0, 0, 0]) for image in figure.axes[0].images]


def headings(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()][2:]


def test_histograms_of_all_dimensions_have_equal_axes() -> None:
    z = np.random.default_rng(0).standard_normal((5000, 13), dtype=np.float32)
    z[:, 12] = 100
    _, *panels = histograms_figure(z, "source").axes
    assert len(panels) == 13
    assert {axes.get_xlim() for axes in panels} == {(-4, 4)}
    assert len({axes.get_ylim() for axes in panels}) == 1
    assert [axes.texts[0].get_text() for axes in panels] == [str(n) for n in range(1, 14)]
    histograms = [axes.patches[0] for axes in panels]
    assert isinstance(histograms[0], StepPatch)
    assert isinstance(histograms[12], StepPatch)
    heights, edges, _ = histograms[0].get_data()
    assert (heights * np.diff(edges)).sum() == pytest.approx(1, abs=0.01)
    curve = panels[0].lines[0].get_ydata()
    assert np.max(curve) == pytest.approx(0.3989, abs=1e-4)
    assert histograms[12].get_data()[0].sum() == 0
    # Only the last histogram of a column has tick labels.
    labelled = [any(t.get_text() for t in axes.get_xticklabels()) for axes in panels]
    assert labelled == [False] * 3 + [True] * 10


def test_dimensions_far_from_the_normal_distribution_are_highlighted() -> None:
    z = np.random.default_rng(0).standard_normal((5000, 5), dtype=np.float32)
    z = z * np.array([1, 1, 0.7, 1.3, 0.8]) + np.array([0.2, -0.3, 0, 0, -0.2])
    assert far_from_normal(z).tolist() == [False, True, True, True, False]
    canvas, *panels = histograms_figure(z.astype(np.float32), "source").axes
    assert "0.25 or σ outside 0.75 to 1.25 (3 of 5 dimensions)" in canvas.texts[2].get_text()
    bars = [to_hex(axes.patches[0].get_facecolor()) for axes in panels]
    assert bars == [PALE_BLUE, *[PALE_ORANGE] * 3, PALE_BLUE]
    assert [axes.texts[1].get_color() for axes in panels] == [INK, *[ACCENT] * 3, INK]
    z = np.array([[-2.25], [1.25]], np.float32)
    _, axes = histograms_figure(z, "source").axes
    assert axes.texts[1].get_text() == "μ −0.50\nσ 1.75"


def test_a_histogram_of_one_image_is_finite() -> None:
    _, axes = histograms_figure(np.zeros((1, 1), np.float32), "source").axes
    assert axes.texts[1].get_text() == "μ 0.00\nσ 0.00"
    assert np.isfinite(axes.patches[0].get_data()[0]).all()


def test_faces_without_the_attribute_are_first() -> None:
    has = np.array([True, False, True, False, True])
    assert without_first(has, 3).tolist() == [1, 3, 0]
    assert without_first(has, 9).tolist() == [1, 3, 0, 2, 4]


def test_a_row_of_edits_has_the_original_and_a_face_per_factor() -> None:
    figure = edits_figure(flat(1, 2), [flat(3, 4), flat(5, 6)], [-1.5, 2], "Blond_Hair", "source")
    assert shown(figure) == [1, 3, 4, 2, 5, 6]
    assert headings(figure) == ["original", "α = −1.5", "α = 2.0"]
    assert figure.axes[0].texts[0].get_text().startswith("Blond Hair:")


def test_a_row_of_a_morph_starts_and_ends_with_the_originals() -> None:
    figure = morphs_figure(flat(1, 2), flat(8, 9), [flat(3, 4, 5), flat(5, 6, 7)], "source")
    assert shown(figure) == [1, 3, 4, 5, 8, 2, 5, 6, 7, 9]
    assert headings(figure) == ["image A", "α = 0.0", "α = 0.5", "α = 1.0", "image B"]


def test_headings_are_unique_and_shorter_if_there_are_many() -> None:
    assert alpha_headings([-4, 0, 4]) == ["α = −4", "α = 0", "α = 4"]
    assert alpha_headings([0, 0.25]) == ["α = 0.00", "α = 0.25"]
    many = alpha_headings(np.linspace(0, 1, 21).tolist())
    assert many[:2] == ["0.00", "0.05"]
    assert len(set(many)) == 21


@pytest.mark.parametrize(
    ("factors", "few"),
    [
        ([-4, -3, 0, 4], [-4, -2, 0, 2, 4]),
        ([1, 3], [0, 1.5, 3]),
        ([-1], [-1, -0.5, 0]),
        ([0], [0]),
    ],
)
def test_few_factors_have_the_same_range(factors: list[float], few: list[float]) -> None:
    assert few_factors(factors) == few


def test_each_attribute_has_a_different_face_without_it() -> None:
    has = np.array([True, False, True, False])
    assert [choose_face(has, turn) for turn in range(3)] == [1, 3, 1]
    assert choose_face(np.array([True, True]), 1) == 1


def make_edited(name: str, auc: float, first: int) -> Edited:
    return Edited(name, auc, flat(first)[0], flat(first + 1, first + 2))


def test_the_overview_has_a_row_per_attribute_in_two_columns() -> None:
    edited = [
        make_edited("Bald", 0.987, 10),
        make_edited("Mouth_Slightly_Open", float("nan"), 20),
        make_edited("Wearing_Hat", 0.5, 30),
    ]
    figure = sheet_figure(edited, [-2, 2], ["Gray_Hair"], "source")
    assert shown(figure) == [10, 11, 12, 20, 21, 22, 30, 31, 32]
    canvas = figure.axes[0]
    labels = [text.get_text() for text in canvas.texts if "AUC " in text.get_text()]
    assert labels == ["Bald\nAUC 0.99", "Mouth\nSlightly Open\nAUC –", "Wearing Hat\nAUC 0.50"]
    assert any("Without a vector: Gray Hair." in text.get_text() for text in canvas.texts)
    left, right, bottom, top = np.array([image.get_extent() for image in canvas.images]).T
    assert right[:6].max() < 450 < left[6:].min()
    np.testing.assert_array_equal(top[6:], top[:3])
    assert top[3] > bottom[0]


def test_the_height_of_the_overview_grows_with_the_attributes() -> None:
    short, tall = (
        sheet_figure([make_edited("A", 0.5, 1)] * count, [0, 1], [], "s").get_figheight()
        for count in (1, 40)
    )
    assert tall > 5 * short


def test_a_note_with_many_attributes_is_shortened() -> None:
    figure = sheet_figure([make_edited("A", 0.5, 1)], [0, 1], ["Some_Name"] * 40, SAMPLE_NAME)
    _, source, note, *_ = texts = figure.axes[0].texts
    assert max(len(text.get_text()) for text in texts) <= 120
    assert note.get_text().endswith(" …")
    assert note.get_window_extent().x1 < source.get_window_extent().x0
