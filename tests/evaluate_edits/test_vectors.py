"""Similarities of vectors with known angles, and their orthogonal variants."""

import numpy as np
import pandas as pd
import pytest

from latent.evaluate_edits.vectors import (
    cosine_similarities,
    orthogonal_vectors,
    residual_norms,
    shuffled_vectors,
)
from latent.latent_space.arithmetic import has_direction
from latent.latent_space.attribute_vectors import attribute_vectors

Vectors = np.ndarray


def make(*rows: list[float]) -> Vectors:
    return np.array(rows, np.float32)


def random_vectors(count: int, dimensions: int, seed: int = 0) -> Vectors:
    return np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)


def test_cosines_do_not_depend_on_lengths() -> None:
    result = cosine_similarities(make([2, 0], [3, 3], [-0.1, 0]))
    half = np.sqrt(0.5)
    np.testing.assert_allclose(result, [[1, half, -1], [half, 1, -half], [-1, -half, 1]], atol=1e-7)
    assert result.dtype == np.float64
    assert np.abs(result).max() <= 1


def test_vectors_without_direction_have_no_cosines() -> None:
    vectors = make([1, 0], [np.nan, np.nan], [0, 0], [0, 5])
    assert has_direction(vectors).tolist() == [True, False, False, True]
    result = cosine_similarities(vectors)
    assert np.isnan(result[[1, 2]]).all()
    assert np.isnan(result[:, [1, 2]]).all()
    np.testing.assert_array_equal(result[np.ix_([0, 3], [0, 3])], np.eye(2))


@pytest.mark.parametrize("function", [cosine_similarities, orthogonal_vectors, residual_norms])
def test_no_vectors_give_no_rows(function: object) -> None:
    assert callable(function)
    assert len(function(np.zeros((0, 5), np.float32))) == 0


def test_orthogonal_vectors_do_not_change() -> None:
    vectors = make([0, 3, 0, 0], [-5, 0, 0, 0], [0, 0, 0, 0.1])
    result = orthogonal_vectors(vectors)
    np.testing.assert_allclose(result, make([0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]), atol=1e-6)
    np.testing.assert_allclose(residual_norms(vectors), 1)
    assert result.dtype == np.float32


def test_two_vectors_are_rotated_by_the_same_angle() -> None:
    # The angle of 30° becomes 90°: each vector is rotated by 30°.
    vectors = make([4, 0], [np.sqrt(3), 1])
    result = orthogonal_vectors(vectors)
    np.testing.assert_allclose(result, make([np.sqrt(3), -1], [1, np.sqrt(3)]) / 2, atol=1e-6)
    np.testing.assert_allclose(residual_norms(vectors), 0.5, rtol=1e-6)


def test_no_other_orthonormal_set_is_nearer() -> None:
    vectors = random_vectors(6, 9) + 1
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    result = orthogonal_vectors(vectors)
    np.testing.assert_allclose(result @ result.T, np.eye(6), atol=1e-6)
    distance = np.square(result - units).sum()
    for seed in range(20):
        rotation, _ = np.linalg.qr(np.eye(9) + 0.05 * random_vectors(9, 9, seed))
        rotation *= np.sign(np.diag(rotation))
        assert np.square(result @ rotation - units).sum() > distance
    gram_schmidt, _ = np.linalg.qr(units.T)
    gram_schmidt *= np.sign(np.diag(units @ gram_schmidt))
    assert np.square(gram_schmidt.T - units).sum() > distance


def test_linearly_dependent_vectors_stay_in_their_span() -> None:
    vectors = make([1, 0, 0], [2, 0, 0], [-1, 0, 0], [0, 0, 7])
    result = orthogonal_vectors(vectors)
    np.testing.assert_allclose(result, make([1, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1]), atol=1e-6)
    np.testing.assert_allclose(residual_norms(vectors), [0, 0, 0, 1], atol=1e-6)


def test_vectors_that_are_equal_up_to_rounding_stay_equal() -> None:
    one, other = random_vectors(2, 50)
    vectors = np.stack([one, np.float32(3.3) * one, other])
    result = orthogonal_vectors(vectors)
    np.testing.assert_allclose(result[0], result[1], atol=1e-5)
    np.testing.assert_allclose(result[0] @ result[2], 0, atol=1e-5)
    sine = np.sqrt(1 - cosine_similarities(vectors)[0, 2] ** 2)
    np.testing.assert_allclose(residual_norms(vectors), [0, 0, sine], atol=1e-5)


def test_more_vectors_than_dimensions_have_length_one() -> None:
    result = orthogonal_vectors(random_vectors(40, 2))
    assert result.shape == (40, 2)
    np.testing.assert_allclose(np.linalg.norm(result, axis=1), 1, rtol=1e-6)


def test_a_single_vector() -> None:
    assert residual_norms(make([3, 4])).tolist() == [1]
    np.testing.assert_allclose(orthogonal_vectors(make([3, 4])), [[0.6, 0.8]], rtol=1e-6)


def test_vectors_of_shuffled_attributes_are_short() -> None:
    generator = np.random.default_rng(0)
    attributes = pd.DataFrame(
        {"A": generator.random(4000) < 0.3, "B": generator.random(4000) < 0.5}
    )
    z = generator.standard_normal((4000, 3)).astype(np.float32)
    z[:, 0] += 5 * attributes["A"]
    true = np.stack(attribute_vectors(z, attributes)["vector"].tolist())
    shuffled = shuffled_vectors(z, attributes, seed=0)
    assert shuffled.shape == (2, 3)
    assert shuffled.dtype == np.float32
    assert np.linalg.norm(true[0]) > 4
    assert 0 < np.linalg.norm(shuffled[0]) < 0.5
    np.testing.assert_array_equal(shuffled, shuffled_vectors(z, attributes, seed=0))
    assert not np.array_equal(shuffled, shuffled_vectors(z, attributes, seed=1))


def test_no_attributes_have_no_shuffled_vectors() -> None:
    z = np.zeros((4, 3), np.float32)
    assert shuffled_vectors(z, pd.DataFrame(index=range(4)), seed=0).shape == (0, 3)
