"""The standard normal distribution."""

import numpy as np
import pytest

from latent.figures.common.normal import density, p_values, quantiles


def test_values_from_the_tables() -> None:
    assert density(np.array(0.0)) == pytest.approx(1 / np.sqrt(2 * np.pi))
    np.testing.assert_allclose(p_values(np.array([0, 1.959964])), [0.5, 0.975], atol=1e-6)
    np.testing.assert_allclose(quantiles(np.array([0.5, 0.975])), [0, 1.959964], atol=1e-6)


def test_shapes_are_kept_and_quantiles_undo_p_values() -> None:
    z = np.random.default_rng(0).standard_normal((5, 2)).astype(np.float32)
    np.testing.assert_allclose(quantiles(p_values(z)), z, atol=1e-6)


def test_far_points_have_p_values_within_bounds() -> None:
    np.testing.assert_array_equal(p_values(np.array([-100.0, 100.0])), [0, 1])
