"""Points sampled from the prior and from a bounding box."""

import numpy as np

from latent.latent_space.sampling import sample_bounding_box, sample_prior


def test_prior_is_standard_normal() -> None:
    count = 20_000
    z = sample_prior(count, 3, seed=1)
    assert z.shape == (count, 3)
    assert z.dtype == np.float32
    # Within five standard errors of a mean, a variance and a correlation.
    assert (np.abs(z.mean(axis=0)) < 5 / np.sqrt(count)).all()
    assert (np.abs(z.var(axis=0) - 1) < 5 * np.sqrt(2 / count)).all()
    assert (np.abs(np.corrcoef(z.T)[np.triu_indices(3, 1)]) < 5 / np.sqrt(count)).all()


def test_prior_is_a_function_of_the_seed() -> None:
    np.testing.assert_array_equal(sample_prior(5, 2, seed=1), sample_prior(5, 2, seed=1))
    assert not np.array_equal(sample_prior(5, 2, seed=1), sample_prior(5, 2, seed=2))


def test_points_are_uniform_in_the_bounding_box() -> None:
    embeddings = np.array([[-3, 10], [1, 12], [0, 11]], np.float32)
    points = sample_bounding_box(embeddings, 5_000, seed=1)
    assert points.shape == (5_000, 2)
    assert points.dtype == np.float32
    assert (points >= [-3, 10]).all()
    assert (points <= [1, 12]).all()
    # Each quarter of each side has a quarter of the points, within five standard errors.
    for side, low, high in ((points[:, 0], -3, 1), (points[:, 1], 10, 12)):
        counts, _ = np.histogram(side, bins=4, range=(low, high))
        assert (np.abs(counts - 1250) < 5 * np.sqrt(5_000 * 0.25 * 0.75)).all()
    assert abs(np.corrcoef(points.T)[0, 1]) < 5 / np.sqrt(5_000)


def test_bounding_box_is_a_function_of_the_seed() -> None:
    embeddings = np.array([[-3, 10], [1, 12]], np.float32)
    first = sample_bounding_box(embeddings, 5, seed=1)
    np.testing.assert_array_equal(first, sample_bounding_box(embeddings, 5, seed=1))
    assert not np.array_equal(first, sample_bounding_box(embeddings, 5, seed=2))
