"""Precision, recall, density and coverage of sets whose numbers are known."""

import numpy as np
import pytest

from latent.evaluate import neighbours
from latent.evaluate.neighbours import Comparison, compare, find_manifold


def draw(count: int, seed: int, centre: float = 0.0) -> np.ndarray:
    points = np.random.default_rng(seed).standard_normal((count, 2)) + centre
    return points.astype(np.float32)


def compared(real: np.ndarray, samples: np.ndarray, k: int = 5) -> Comparison:
    return compare(find_manifold(real, k), find_manifold(samples, k))


def test_by_hand() -> None:
    real = np.array([[0], [1], [3], [7]], np.float32)
    samples = np.array([[0.5], [1.5], [20], [30]], np.float32)
    manifold = find_manifold(real, 1)
    assert np.sqrt(manifold.radii).tolist() == [1, 1, 2, 4]
    found = compare(manifold, find_manifold(samples, 1))
    # Of the samples, 0.5 lies in the balls of 0 and 1, 1.5 in those of 1 and 3.
    assert found.precision == 2 / 4
    assert found.density == (2 + 2) / (1 * 4)
    assert found.coverage == 3 / 4
    # Their balls reach 1, 1, 10 and 10: from 0.5 to 0 and 1, and from 1.5 to 1; none to 3 or 7.
    assert found.recall == 2 / 4


def test_a_set_and_itself() -> None:
    points = draw(200, 0)
    found = compared(points, points)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    # In each ball its centre and its five nearest.
    assert found.density == pytest.approx(6 / 5)


def test_two_draws_of_one_distribution() -> None:
    found = compared(draw(500, 0), draw(500, 1), k=3)
    assert found.density == pytest.approx(1, abs=0.1)
    assert found.coverage == pytest.approx(1 - 2**-3, abs=0.06)


def test_sets_far_from_each_other() -> None:
    assert compared(draw(50, 0), draw(60, 1, centre=100)) == (0, 0, 0, 0)


def test_samples_of_one_of_two_clusters() -> None:
    real = np.concatenate([draw(200, 0), draw(200, 1, centre=100)])
    found = compared(real, draw(400, 2))
    assert found.precision > 0.95
    assert found.recall < 0.5
    assert 0.4 < found.coverage <= 0.5


def test_samples_half_of_which_are_nothing() -> None:
    samples = np.concatenate([draw(200, 1), draw(200, 2, centre=100)])
    found = compared(draw(400, 0), samples)
    assert 0.45 < found.precision <= 0.5
    assert found.recall > 0.95


def test_points_that_are_all_the_same() -> None:
    points = np.full((10, 3), 0.1, np.float32)
    found = compared(points, points)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    other = points + np.float32(1e-3)
    assert compared(points, other) == (0, 0, 0, 0)


def test_a_feature_that_is_constant_makes_no_difference() -> None:
    real, samples = draw(50, 0), draw(60, 1)
    with_constant = [
        np.pad(points, ((0, 0), (0, 1)), constant_values=9) for points in (real, samples)
    ]
    assert compared(*with_constant) == compared(real, samples)


def test_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    real, samples = draw(150, 0), draw(170, 1, centre=0.5)
    whole = compared(real, samples)
    # Room for six or seven rows of distances.
    monkeypatch.setattr(neighbours, "MEGABYTES", 0.01)
    assert compared(real, samples) == whole


def test_too_few_points() -> None:
    assert find_manifold(draw(6, 0), 5).radii.shape == (6,)
    with pytest.raises(ValueError, match="5 points have no 5 neighbours each"):
        find_manifold(draw(5, 0), 5)
