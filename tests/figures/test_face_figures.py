"""Histograms, edits and morphs of faces."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from latent.figures.faces.edits import alpha_headings, edits_figure, morphs_figure, without_first
from latent.figures.faces.histograms import histograms_figure, sample_posteriors


def flat(*values: int) -> np.ndarray:
    """One image of a single colour for each value."""
    return np.array(values, np.uint8).reshape(-1, 1, 1, 1) * np.ones((8, 8, 3), np.uint8)


def shown(figure: Figure) -> list[int]:
    return [int(np.asarray(image.get_array())[0, 0, 0]) for image in figure.axes[0].images]


def headings(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()][2:]


def test_posteriors_are_drawn_with_their_mean_and_variance() -> None:
    z_mean = np.full((20_000, 2), [1, -2], np.float32)
    z_log_var = np.log(np.full((20_000, 2), [0.25, 4], np.float32))
    z = sample_posteriors(z_mean, z_log_var, seed=0)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.mean(axis=0), [1, -2], atol=0.05)
    np.testing.assert_allclose(z.var(axis=0), [0.25, 4], rtol=0.05)
    np.testing.assert_array_equal(z, sample_posteriors(z_mean, z_log_var, seed=0))
    assert not np.array_equal(z, sample_posteriors(z_mean, z_log_var, seed=1))


def test_a_histogram_per_dimension_on_the_same_axes() -> None:
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
    # Labels only below the last histogram of a column.
    labelled = [any(t.get_text() for t in axes.get_xticklabels()) for axes in panels]
    assert labelled == [False] * 3 + [True] * 10


def test_faces_without_the_attribute_come_first_in_order() -> None:
    has = np.array([True, False, True, False, True])
    assert without_first(has, 3).tolist() == [1, 3, 0]
    assert without_first(has, 9).tolist() == [1, 3, 0, 2, 4]


def test_a_row_of_edits_is_the_original_and_a_face_per_factor() -> None:
    figure = edits_figure(flat(1, 2), [flat(3, 4), flat(5, 6)], [-1.5, 2], "Blond_Hair", "source")
    assert shown(figure) == [1, 3, 4, 2, 5, 6]
    assert headings(figure) == ["original", "α = −1.5", "α = 2.0"]
    assert figure.axes[0].texts[0].get_text().startswith("Blond Hair:")


def test_a_row_of_a_morph_has_the_originals_at_its_ends() -> None:
    figure = morphs_figure(flat(1, 2), flat(8, 9), [flat(3, 4, 5), flat(5, 6, 7)], "source")
    assert shown(figure) == [1, 3, 4, 5, 8, 2, 5, 6, 7, 9]
    assert headings(figure) == ["image A", "α = 0.0", "α = 0.5", "α = 1.0", "image B"]


def test_headings_tell_alphas_apart_and_are_short_where_there_are_many() -> None:
    assert alpha_headings([-4, 0, 4]) == ["α = −4", "α = 0", "α = 4"]
    assert alpha_headings([0, 0.25]) == ["α = 0.00", "α = 0.25"]
    many = alpha_headings(np.linspace(0, 1, 21).tolist())
    assert many[:2] == ["0.00", "0.05"]
    assert len(set(many)) == 21
