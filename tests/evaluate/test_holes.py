"""Latent spaces with holes of known area."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from latent.evaluate.holes import (
    EXPECTED,
    class_metrics,
    class_shares,
    class_table,
    drawn_points,
    hole_metrics,
    hole_radius,
    hole_share,
)
from latent.latent_space.sampling import sample_bounding_box, sample_prior


def square(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Return points that are uniformly distributed in the unit square."""
    return np.random.default_rng(seed).random((count, 2), dtype=np.float32)


def test_share_of_a_circular_hole_is_its_area_without_a_margin_of_the_radius() -> None:
    points = square(20_000)
    kept = points[np.linalg.norm(points - 0.5, axis=1) > 0.3]
    radius = hole_radius(kept)
    share = hole_share(kept, sample_bounding_box(kept, 20_000, seed=1), radius)
    # Outside the hole, 1 % of the points count as in a hole.
    expected = math.pi * (0.3 - radius) ** 2 + EXPECTED * (1 - math.pi * 0.3**2)
    assert radius < 0.03
    assert share == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("scale", [0.01, 1, 100])
def test_space_without_holes_has_the_expected_share_at_any_scale(scale: float) -> None:
    points = np.float32(scale) * sample_prior(5000, 2, seed=0)
    sampled = np.float32(scale) * sample_prior(20_000, 2, seed=1)
    assert hole_share(points, sampled, hole_radius(points)) == pytest.approx(EXPECTED, abs=0.006)


def test_outlier_does_not_hide_the_holes() -> None:
    ring = sample_prior(3000, 2, seed=0)
    ring /= np.linalg.norm(ring, axis=1, keepdims=True)
    inside = 0.5 * square(100)
    far = np.append(ring, np.float32([[1e6, 0]]), axis=0)
    for points in (ring, far):
        assert hole_share(points, inside, hole_radius(points)) == 1


def test_identical_embeddings_leave_a_hole_everywhere_else() -> None:
    points = np.zeros((10, 2), np.float32)
    assert hole_radius(points) == 0
    sampled = np.append(square(9) + np.float32(0.1), points[:1], axis=0)
    assert hole_share(points, sampled, hole_radius(points)) == 0.9


def test_points_follow_the_named_distributions() -> None:
    embeddings = sample_prior(4000, 2, seed=2) @ np.float32([[2, 0], [1, 0.5]]) + np.float32(5)
    sampled = drawn_points(embeddings, 50_000, seed=3)
    assert {points.shape for points in sampled.values()} == {(50_000, 2)}
    assert {points.dtype for points in sampled.values()} == {np.dtype(np.float32)}
    np.testing.assert_allclose(sampled["prior"].mean(axis=0), 0, atol=0.03)
    np.testing.assert_allclose(
        np.cov(sampled["gaussian"], rowvar=False), np.cov(embeddings, rowvar=False), atol=0.1
    )
    np.testing.assert_allclose(sampled["gaussian"].mean(axis=0), embeddings.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(sampled["box"].max(axis=0), embeddings.max(axis=0), atol=0.01)
    again = drawn_points(embeddings, 50_000, seed=3)
    assert all((points == again[name]).all() for name, points in sampled.items())


@pytest.mark.parametrize("dimensions", [1, 2])
def test_gaussian_of_embeddings_on_a_line(dimensions: int) -> None:
    line = np.repeat(sample_prior(100, 1, seed=0), dimensions, axis=1)
    sampled = drawn_points(line, 100, seed=1)["gaussian"]
    np.testing.assert_allclose(sampled, np.repeat(sampled[:, :1], dimensions, axis=1), atol=1e-5)


def test_class_shares_are_areas() -> None:
    embeddings = square(3000)
    # Class 1 covers a quarter of the square, class 2 nothing, and class 3 the rest.
    labels = np.where(embeddings[:, 0] < 0.25, 1, 3).astype(np.uint8)
    shares = class_shares(embeddings, labels, square(20_000, seed=1))
    assert shares == pytest.approx([0, 0.25, 0, 0.75], abs=0.02)
    assert shares.sum() == pytest.approx(1)


def test_class_imbalance_of_unequal_areas() -> None:
    # Half of the images are in a tenth of the box.
    embeddings = square(4000)
    embeddings[:2000, 0] *= 0.1
    embeddings[2000:, 0] = 0.1 + 0.9 * embeddings[2000:, 0]
    labels = np.repeat([0, 2], 2000)
    table = class_table(embeddings, labels, 20_000, seed=1)
    assert list(table) == ["label", "images", "prior", "box", "gaussian"]
    assert list(table["label"]) == [0, 2]
    assert list(table["images"]) == [0.5, 0.5]
    assert table["box"].to_list() == pytest.approx([0.1, 0.9], abs=0.02)
    assert class_metrics(table)["class_imbalance/box"] == pytest.approx(0.4, abs=0.02)
    assert set(class_metrics(table)) == {
        "class_imbalance/prior",
        "class_imbalance/box",
        "class_imbalance/gaussian",
    }


def test_space_that_equals_the_prior_has_no_holes_and_no_class_imbalance() -> None:
    embeddings = sample_prior(4000, 2, seed=0)
    labels = (embeddings[:, 0] > 0).astype(np.uint8)
    metrics = hole_metrics(embeddings, 20_000, seed=1)
    imbalance = class_metrics(class_table(embeddings, labels, 20_000, seed=1))
    assert metrics["holes/prior"] == pytest.approx(EXPECTED, abs=0.01)
    assert metrics["holes/box"] > 0.2  # the corners of the box
    assert metrics["holes/radius"] == hole_radius(embeddings)
    assert imbalance["class_imbalance/prior"] < 0.02
