"""Precision, recall, density and coverage with known values."""

import numpy as np
import pytest

from latent.evaluate import neighbours
from latent.evaluate.neighbours import Comparison, compare, find_manifold


def normal_points(count: int, seed: int, centre: float = 0.0) -> np.ndarray:
    points = np.random.default_rng(seed).standard_normal((count, 2)) + centre
    return points.astype(np.float32)


def compared(real: np.ndarray, samples: np.ndarray, k: int = 5) -> Comparison:
    return compare(find_manifold(real, k), find_manifold(samples, k))


def test_by_hand() -> None:
    real = np.array([[0], [1], [3], [7]], np.float32)
    samples = np.array([[0.5], [1.5], [20], [30]], np.float32)
    manifold = find_manifold(real, 1)
    assert np.sqrt(manifold.radii).tolist() == [1, 1, 2, 4]
    result = compare(manifold, find_manifold(samples, 1))
    # Sample 0.5 is in the balls of 0 and 1, and sample 1.5 in the balls of 1 and 3.
    assert result.precision == 2 / 4
    assert result.density == (2 + 2) / (1 * 4)
    assert result.coverage == 3 / 4
    # The radii of the samples are 1, 1, 10 and 10. Their balls contain 0 and 1, but not 3 or 7.
    assert result.recall == 2 / 4


def test_equal_sets() -> None:
    points = normal_points(200, 0)
    result = compared(points, points)
    assert (result.precision, result.recall, result.coverage) == (1, 1, 1)
    # Each ball contains its centre and five neighbours.
    assert result.density == pytest.approx(6 / 5)


def test_two_samples_of_one_distribution() -> None:
    result = compared(normal_points(500, 0), normal_points(500, 1), k=3)
    assert result.density == pytest.approx(1, abs=0.1)
    assert result.coverage == pytest.approx(1 - 2**-3, abs=0.06)


def test_distant_sets() -> None:
    assert compared(normal_points(50, 0), normal_points(60, 1, centre=100)) == (0, 0, 0, 0)


def test_samples_from_one_of_two_clusters() -> None:
    real = np.concatenate([normal_points(200, 0), normal_points(200, 1, centre=100)])
    result = compared(real, normal_points(400, 2))
    assert result.precision > 0.95
    assert result.recall < 0.5
    assert 0.4 < result.coverage <= 0.5


def test_samples_with_an_additional_cluster() -> None:
    samples = np.concatenate([normal_points(200, 1), normal_points(200, 2, centre=100)])
    result = compared(normal_points(400, 0), samples)
    assert 0.45 < result.precision <= 0.5
    assert result.recall > 0.95


def test_identical_points() -> None:
    points = np.full((10, 3), 0.1, np.float32)
    result = compared(points, points)
    assert (result.precision, result.recall, result.coverage) == (1, 1, 1)
    other = points + np.float32(1e-3)
    assert compared(points, other) == (0, 0, 0, 0)


def test_constant_feature_has_no_effect() -> None:
    real, samples = normal_points(50, 0), normal_points(60, 1)
    with_constant = [
        np.pad(points, ((0, 0), (0, 1)), constant_values=9) for points in (real, samples)
    ]
    assert compared(*with_constant) == compared(real, samples)


def test_result_does_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    real, samples = normal_points(150, 0), normal_points(170, 1, centre=0.5)
    whole = compared(real, samples)
    # Six or seven rows of distances per chunk.
    monkeypatch.setattr(neighbours, "WORKING_MEMORY", 0.01)
    assert compared(real, samples) == whole


def test_too_few_points() -> None:
    assert find_manifold(normal_points(6, 0), 5).radii.shape == (6,)
    with pytest.raises(ValueError, match="5 points are too few for 5 neighbours"):
        find_manifold(normal_points(5, 0), 5)
