"""Fréchet distances with known values."""

import numpy as np
import pytest
from numpy.typing import NDArray

from latent.evaluate.frechet import Gaussian, fit_gaussian, frechet_distance

Array = NDArray[np.float64]


def rotated_covariance(variances: list[float], seed: int) -> Array:
    """Return a covariance with the given variances along random directions."""
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
    # Σ (σ_a − σ_b)², for any directions.
    a = Gaussian(np.zeros(3), rotated_covariance([1, 4, 9], 0))
    b = Gaussian(np.array([0, 2, 0]), rotated_covariance([16, 4, 1], 0))
    assert frechet_distance(a, b) == pytest.approx(4 + 9 + 0 + 4)


def test_covariances_that_do_not_commute() -> None:
    a = Gaussian(np.zeros(2), np.array([[2.0, 1.0], [1.0, 2.0]]))
    b = Gaussian(np.zeros(2), np.array([[3.0, 0.0], [0.0, 1.0]]))
    # The trace of the root of a 2×2 matrix is √(tr + 2 √det). The matrix is Σ_a Σ_b.
    trace, determinant = 2 * 3 + 2 * 1, 3 * 3
    expected = 4 + 4 - 2 * np.sqrt(trace + 2 * np.sqrt(determinant))
    assert frechet_distance(a, b) == pytest.approx(expected)
    assert frechet_distance(b, a) == pytest.approx(expected)


def test_distance_of_a_distribution_from_itself_is_0() -> None:
    a = Gaussian(np.full(4, 1e3), rotated_covariance([1e4, 1, 1e-4, 0], 1))
    assert 0 <= frechet_distance(a, a) < 1e-8


def test_singular_covariances() -> None:
    # A single point, and a distribution on a line.
    a = Gaussian(np.zeros(3), np.zeros((3, 3)))
    b = Gaussian(np.ones(3), rotated_covariance([9, 0, 0], 2))
    assert frechet_distance(a, b) == pytest.approx(3 + 9)
    # Orthogonal lines, one of them with a negative variance from rounding.
    c = Gaussian(np.zeros(2), np.diag([4.0, -1e-17]))
    d = Gaussian(np.zeros(2), np.diag([0.0, 1.0]))
    assert frechet_distance(c, d) == pytest.approx(5)


def test_result_does_not_depend_on_the_batches() -> None:
    rows = np.random.default_rng(0).standard_normal((100, 3)) * [1, 2, 3] + [1e6, 0, -5]
    rows = rows.astype(np.float32)
    pieces = (rows[start:stop] for start, stop in [(0, 1), (1, 1), (1, 60), (60, 100)])
    gaussian = fit_gaussian(pieces)
    np.testing.assert_allclose(gaussian.mean, rows.mean(axis=0, dtype=np.float64), rtol=1e-12)
    expected = np.cov(rows.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(gaussian.covariance, expected, rtol=1e-10, atol=1e-10)


def test_constant_feature_has_no_variance() -> None:
    rows = np.random.default_rng(0).standard_normal((50, 2)).astype(np.float32)
    rows[:, 1] = 7
    gaussian = fit_gaussian([rows])
    assert gaussian.mean[1] == 7
    assert not gaussian.covariance[1].any()
    assert frechet_distance(gaussian, gaussian) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows(rows: int) -> None:
    with pytest.raises(ValueError, match=f"at least 2 rows, not {rows}"):
        fit_gaussian([np.ones((rows, 3))])
