"""Fréchet distances that are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from latent.evaluate.frechet import Gaussian, fit_gaussian, frechet_distance

Array = NDArray[np.float64]


def turned(variances: list[float], seed: int) -> Array:
    """A covariance with the given variances along directions of its own."""
    generator = np.random.default_rng(seed)
    directions, _ = np.linalg.qr(generator.standard_normal((len(variances), len(variances))))
    covariance: Array = directions * variances @ directions.T
    return covariance


def test_two_normal_distributions_in_one_dimension() -> None:
    # (μ_a − μ_b)² + (σ_a − σ_b)²
    a = Gaussian(np.array([1.0]), np.array([[4.0]]))
    b = Gaussian(np.array([4.0]), np.array([[25.0]]))
    assert frechet_distance(a, b) == pytest.approx(9 + 9)


def test_covariances_with_the_same_directions() -> None:
    # Σ (σ_a − σ_b)², wherever the directions point.
    a = Gaussian(np.zeros(3), turned([1, 4, 9], 0))
    b = Gaussian(np.array([0, 2, 0]), turned([16, 4, 1], 0))
    assert frechet_distance(a, b) == pytest.approx(4 + 9 + 0 + 4)


def test_covariances_that_do_not_commute() -> None:
    a = Gaussian(np.zeros(2), np.array([[2.0, 1.0], [1.0, 2.0]]))
    b = Gaussian(np.zeros(2), np.array([[3.0, 0.0], [0.0, 1.0]]))
    # Of 2×2 matrices the trace of the root is √(tr + 2 √det): here of Σ_a Σ_b.
    trace, determinant = 2 * 3 + 2 * 1, 3 * 3
    expected = 4 + 4 - 2 * np.sqrt(trace + 2 * np.sqrt(determinant))
    assert frechet_distance(a, b) == pytest.approx(expected)
    assert frechet_distance(b, a) == pytest.approx(expected)


def test_a_distribution_is_at_no_distance_from_itself() -> None:
    a = Gaussian(np.full(4, 1e3), turned([1e4, 1, 1e-4, 0], 1))
    assert 0 <= frechet_distance(a, a) < 1e-8


def test_singular_covariances() -> None:
    # Points against a distribution along one of its directions.
    a = Gaussian(np.zeros(3), np.zeros((3, 3)))
    b = Gaussian(np.ones(3), turned([9, 0, 0], 2))
    assert frechet_distance(a, b) == pytest.approx(3 + 9)
    # No direction in common, and noise of the size of rounding where there is no variance.
    c = Gaussian(np.zeros(2), np.diag([4.0, -1e-17]))
    d = Gaussian(np.zeros(2), np.diag([0.0, 1.0]))
    assert frechet_distance(c, d) == pytest.approx(5)


def test_batches_make_no_difference() -> None:
    rows = np.random.default_rng(0).standard_normal((100, 3)) * [1, 2, 3] + [1e6, 0, -5]
    rows = rows.astype(np.float32)
    pieces = (rows[start:stop] for start, stop in [(0, 1), (1, 1), (1, 60), (60, 100)])
    found = fit_gaussian(pieces)
    np.testing.assert_allclose(found.mean, rows.mean(axis=0, dtype=np.float64), rtol=1e-12)
    expected = np.cov(rows.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-10, atol=1e-10)


def test_a_feature_that_is_constant_has_no_variance() -> None:
    rows = np.random.default_rng(0).standard_normal((50, 2)).astype(np.float32)
    rows[:, 1] = 7
    found = fit_gaussian([rows])
    assert found.mean[1] == 7
    assert not found.covariance[1].any()
    assert frechet_distance(found, found) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows(rows: int) -> None:
    with pytest.raises(ValueError, match=f"{rows} rows have no covariance"):
        fit_gaussian([np.ones((rows, 3))])
