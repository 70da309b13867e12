"""Figures of the evaluation of attribute edits."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from latent.figures.common.style import save_figure
from latent.figures.edits.cosines import NUMBERED, cosines_figure, similar_order
from latent.figures.edits.flips import KINDS, flips_figure

ALPHAS = [-4, -2, 2, 4]


def make_edits(names: list[str], kinds: list[str]) -> pd.DataFrame:
    """Return edits that flip 0.25 of the images per unit of α, and change half as many others."""
    rows = [
        (kind, name, alpha, 20, abs(alpha) / 4, 1 - abs(alpha) / 8)
        for kind in kinds
        for name in names
        for alpha in ALPHAS
    ]
    columns = ["vectors", "attribute", "alpha", "images", "flips", "keeps"]
    return pd.DataFrame(rows, columns=columns)


def test_a_panel_per_attribute_with_two_lines_per_kind() -> None:
    names = [f"Name_{number}" for number in range(7)]
    canvas, *panels = flips_figure(make_edits(names, list(KINDS)), "source").axes
    assert [axes.get_title(loc="left") for axes in panels] == [n.replace("_", " ") for n in names]
    texts = [text.get_text() for text in canvas.texts]
    assert {label for label, _ in KINDS.values()} < set(texts)
    assert any("up to 20 test images" in text for text in texts)
    _, *lines = panels[0].lines
    assert len(lines) == 2 * len(KINDS)
    for keeps, flips in zip(lines[::2], lines[1::2], strict=True):
        assert flips.get_xdata().tolist() == keeps.get_xdata().tolist() == [-4, -2, 0, 2, 4]
        assert flips.get_ydata().tolist() == [1, 0.5, 0, 0.5, 1]
        assert keeps.get_ydata().tolist() == [0.5, 0.75, 1, 0.75, 0.5]
        assert (flips.get_linestyle(), keeps.get_linestyle()) == ("-", "--")
    # Only the last panel of a column has an axis label.
    assert [axes.get_xlabel() for axes in panels] == ["", "", *["α"] * 5]
    assert [text.get_text() for text in panels[-1].get_xticklabels()] == ["−4", "−2", "0", "2", "4"]


def test_missing_kinds_of_vectors_are_not_in_the_legend() -> None:
    canvas, axes = flips_figure(make_edits(["A"], ["orthogonal"]), "source").axes
    texts = [text.get_text() for text in canvas.texts]
    assert KINDS["orthogonal"][0] in texts
    assert KINDS["means"][0] not in texts
    assert axes.lines[-1].get_color() == KINDS["orthogonal"][1]


def test_missing_shares_leave_a_gap() -> None:
    edits = make_edits(["A"], ["means"])
    edits.loc[edits["alpha"] < 0, ["flips", "keeps"]] = np.nan
    _, axes = flips_figure(edits, "source").axes
    np.testing.assert_array_equal(axes.lines[-1].get_ydata(), [np.nan, np.nan, 0, 0.5, 1])


def test_forty_attributes_make_a_taller_page() -> None:
    few, many = (
        flips_figure(make_edits([f"A{n}" for n in range(count)], ["means"]), "s").get_figheight()
        for count in (5, 40)
    )
    assert many > 4 * few


def make_cosines(values: np.ndarray) -> pd.DataFrame:
    names = [f"N_{number}" for number in range(len(values))]
    return pd.DataFrame(values, index=names, columns=names)


# Attributes 0 and 2 are similar, and so are 1 and 3.
PAIRS = np.array(
    [[1, -0.5, 0.9, -0.4], [-0.5, 1, -0.6, 0.8], [0.9, -0.6, 1, -0.5], [-0.4, 0.8, -0.5, 1]]
)


def test_similar_attributes_are_neighbours() -> None:
    order = similar_order(PAIRS).tolist()
    assert sorted(order) == [0, 1, 2, 3]
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset({0, 2}), frozenset({1, 3})}
    assert order[1:3] in ([0, 3], [3, 0])  # the most similar attributes of the two pairs


def test_the_matrix_is_drawn_in_that_order() -> None:
    _, axes, _ = cosines_figure(make_cosines(PAIRS), "source").axes
    order = similar_order(PAIRS)
    np.testing.assert_array_equal(np.asarray(axes.images[0].get_array()), PAIRS[order][:, order])
    assert axes.images[0].get_clim() == (-1, 1)
    labels = [f"N {row}" for row in order]
    assert [text.get_text() for text in axes.get_yticklabels()] == labels
    assert [text.get_text() for text in axes.get_xticklabels()] == labels
    assert [text.get_text() for text in axes.texts][:2] == [
        "1.00",
        f"{PAIRS[order[0], order[1]]:.2f}",
    ]


def test_attributes_without_a_vector_are_counted_and_left_out() -> None:
    cosines = make_cosines(np.pad(PAIRS, (0, 1), constant_values=np.nan))
    canvas, axes, _ = cosines_figure(cosines, "source").axes
    assert len(axes.get_yticklabels()) == 4
    assert any("Not shown: 1 without a vector." in text.get_text() for text in canvas.texts)


@pytest.mark.parametrize("count", [1, 2, NUMBERED, NUMBERED + 1, 40])
def test_matrices_of_any_size_fit_on_the_page(count: int) -> None:
    vectors = np.random.default_rng(0).standard_normal((count, 50))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    _, axes, bar = cosines_figure(make_cosines(vectors @ vectors.T), "source").axes
    assert len(axes.texts) == (count**2 if count <= NUMBERED else 0)
    assert axes.get_position().x0 > 0.1
    assert bar.get_position().x1 < 0.97


def test_equal_figures_have_equal_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        save_figure(flips_figure(make_edits(["A"], ["means"]), "s"), tmp_path / f"{name}_flips")
        save_figure(cosines_figure(make_cosines(PAIRS), "s"), tmp_path / f"{name}_cosines")
    for kind in ("flips", "cosines"):
        first, second = ((tmp_path / f"{name}_{kind}").read_bytes() for name in ("first", "second"))
        assert first == second
