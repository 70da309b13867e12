"""Vectors of known angles, and what is nearest to them without any."""

import numpy as np
import pandas as pd
import pytest

from latent.evaluate_edits.vectors import (
    cosines,
    have_direction,
    orthogonal_vectors,
    own_shares,
    shuffled_vectors,
)
from latent.latent_space.attribute_vectors import attribute_vectors

Vectors = np.ndarray


def make(*rows: list[float]) -> Vectors:
    return np.array(rows, np.float32)


def random_vectors(count: int, dimensions: int, seed: int = 0) -> Vectors:
    return np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)


def test_cosines_do_not_depend_on_lengths() -> None:
    found = cosines(make([2, 0], [3, 3], [-0.1, 0]))
    half = np.sqrt(0.5)
    np.testing.assert_allclose(found, [[1, half, -1], [half, 1, -half], [-1, -half, 1]], atol=1e-7)
    assert found.dtype == np.float64
    assert np.abs(found).max() <= 1


def test_what_has_no_direction_has_no_cosines() -> None:
    vectors = make([1, 0], [np.nan, np.nan], [0, 0], [0, 5])
    assert have_direction(vectors).tolist() == [True, False, False, True]
    found = cosines(vectors)
    assert np.isnan(found[[1, 2]]).all()
    assert np.isnan(found[:, [1, 2]]).all()
    np.testing.assert_array_equal(found[np.ix_([0, 3], [0, 3])], np.eye(2))


@pytest.mark.parametrize("function", [cosines, orthogonal_vectors, own_shares])
def test_no_vector_is_no_row(function: object) -> None:
    assert callable(function)
    assert len(function(np.zeros((0, 5), np.float32))) == 0


def test_orthogonal_vectors_stay_themselves() -> None:
    vectors = make([0, 3, 0, 0], [-5, 0, 0, 0], [0, 0, 0, 0.1])
    found = orthogonal_vectors(vectors)
    np.testing.assert_allclose(found, make([0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]), atol=1e-6)
    np.testing.assert_allclose(own_shares(vectors), 1)
    assert found.dtype == np.float32


def test_two_vectors_turn_from_each_other_by_the_same_angle() -> None:
    # 30° apart: each turns by 30°.
    vectors = make([4, 0], [np.sqrt(3), 1])
    found = orthogonal_vectors(vectors)
    np.testing.assert_allclose(found, make([np.sqrt(3), -1], [1, np.sqrt(3)]) / 2, atol=1e-6)
    np.testing.assert_allclose(own_shares(vectors), 0.5, rtol=1e-6)


def test_no_orthonormal_set_is_nearer() -> None:
    vectors = random_vectors(6, 9) + 1
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = orthogonal_vectors(vectors)
    np.testing.assert_allclose(found @ found.T, np.eye(6), atol=1e-6)
    distance = np.square(found - units).sum()
    for seed in range(20):
        turn, _ = np.linalg.qr(np.eye(9) + 0.05 * random_vectors(9, 9, seed))
        turn *= np.sign(np.diag(turn))
        assert np.square(found @ turn - units).sum() > distance
    in_order, _ = np.linalg.qr(units.T)
    assert (
        np.square(in_order.T * np.sign(np.diag(in_order.T @ units.T))[:, np.newaxis] - units).sum()
        > distance
    )


def test_vectors_that_depend_on_each_other_stay_in_their_span() -> None:
    vectors = make([1, 0, 0], [2, 0, 0], [-1, 0, 0], [0, 0, 7])
    found = orthogonal_vectors(vectors)
    np.testing.assert_allclose(found, make([1, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1]), atol=1e-6)
    np.testing.assert_allclose(own_shares(vectors), [0, 0, 0, 1], atol=1e-6)


def test_vectors_that_differ_by_rounding_stay_equal() -> None:
    one, other = random_vectors(2, 50)
    vectors = np.stack([one, np.float32(3.3) * one, other])
    found = orthogonal_vectors(vectors)
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)
    np.testing.assert_allclose(found[0] @ found[2], 0, atol=1e-5)
    sine = np.sqrt(1 - cosines(vectors)[0, 2] ** 2)
    np.testing.assert_allclose(own_shares(vectors), [0, 0, sine], atol=1e-5)


def test_more_vectors_than_dimensions_are_of_length_one() -> None:
    found = orthogonal_vectors(random_vectors(40, 2))
    assert found.shape == (40, 2)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-6)


def test_a_vector_alone_is_its_own() -> None:
    assert own_shares(make([3, 4])).tolist() == [1]
    np.testing.assert_allclose(orthogonal_vectors(make([3, 4])), [[0.6, 0.8]], rtol=1e-6)


def test_shuffled_attributes_say_nothing() -> None:
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


def test_no_attribute_has_no_shuffled_vector() -> None:
    z = np.zeros((4, 3), np.float32)
    assert shuffled_vectors(z, pd.DataFrame(index=range(4)), seed=0).shape == (0, 3)
