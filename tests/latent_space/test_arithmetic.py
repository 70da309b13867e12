"""Edits along a direction, and morphs of two points."""

import numpy as np
import pytest

from latent.latent_space.arithmetic import edit, morph


def test_edit_by_hand() -> None:
    z = np.array([1.0, 2.0], np.float32)
    vector = np.array([3.0, 4.0], np.float32)  # length 5, direction (0.6, 0.8)
    edited = edit(z, vector, [-5, 0, 2.5])
    assert edited.dtype == np.float32
    np.testing.assert_allclose(edited, [[-2.0, -2.0], [1.0, 2.0], [2.5, 4.0]], rtol=1e-6)


def test_edit_does_not_depend_on_the_vectors_length() -> None:
    generator = np.random.default_rng(1)
    z, vector = generator.standard_normal((2, 200), np.float32)
    factors = [-4, -1, 0, 3]
    np.testing.assert_allclose(
        edit(z, vector * 1e-3, factors), edit(z, vector * 1e3, factors), rtol=1e-5, atol=1e-5
    )
    distances = np.linalg.norm(edit(z, vector, factors) - z, axis=1)
    np.testing.assert_allclose(distances, [4, 1, 0, 3], rtol=1e-5)


def test_edit_by_0_returns_the_point() -> None:
    z = np.array([0.1, -0.3], np.float32)
    np.testing.assert_array_equal(edit(z, np.ones(2, np.float32), [0]), [z])


@pytest.mark.parametrize("vector", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 0.0]])
def test_vector_without_direction_is_an_error(vector: list[float]) -> None:
    with pytest.raises(ValueError, match="no direction"):
        edit(np.zeros(2, np.float32), np.array(vector, np.float32), [1])


def test_morph_by_hand() -> None:
    z_a, z_b = np.array([0.0, 4.0], np.float32), np.array([2.0, 0.0], np.float32)
    path = morph(z_a, z_b, 5)
    assert path.dtype == np.float32
    np.testing.assert_allclose(path, [[0, 4], [0.5, 3], [1, 2], [1.5, 1], [2, 0]])


def test_morph_begins_and_ends_with_the_points() -> None:
    z_a, z_b = np.random.default_rng(1).standard_normal((2, 200), np.float32)
    path = morph(z_a, z_b, 11)
    assert path.shape == (11, 200)
    np.testing.assert_array_equal(path[0], z_a)
    np.testing.assert_array_equal(path[-1], z_b)
    # Steps of 0.1, as in the chapter.
    np.testing.assert_allclose(path[3], 0.7 * z_a + 0.3 * z_b, rtol=1e-5, atol=1e-6)
    steps = np.diff(path, axis=0)
    np.testing.assert_allclose(steps, np.tile((z_b - z_a) / 10, (10, 1)), atol=1e-5)
