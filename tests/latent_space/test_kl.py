"""The KL divergence of each latent dimension."""

import numpy as np
import pytest

from latent.latent_space import kl
from latent.latent_space.kl import kl_per_dimension


def test_kl_is_a_mean_over_the_images() -> None:
    z_mean = np.array([[0, 1], [0, 3]], np.float32)
    z_log_var = np.log(np.array([[1, 1], [1, 2]], np.float32))
    expected = [0, (0.5 + -0.5 * (1 + np.log(2) - 9 - 2)) / 2]
    np.testing.assert_allclose(kl_per_dimension(z_mean, z_log_var), expected, rtol=1e-6)


def test_kl_equals_the_integral() -> None:
    z = np.linspace(-12, 12, 20001)
    q = np.exp(-((z - 0.7) ** 2) / 2 / 0.3) / np.sqrt(2 * np.pi * 0.3)
    log_p = -(z**2) / 2 - np.log(2 * np.pi) / 2
    log_q = -((z - 0.7) ** 2) / 2 / 0.3 - np.log(2 * np.pi * 0.3) / 2
    expected = (q * (log_q - log_p)).sum() * (z[1] - z[0])
    result = kl_per_dimension(np.full((1, 1), 0.7), np.full((1, 1), np.log(0.3)))
    assert result[0] == pytest.approx(expected, rel=1e-6)


def test_result_does_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    z_mean, z_log_var = generator.standard_normal((2, 11, 3), dtype=np.float32)
    whole = kl_per_dimension(z_mean, z_log_var)
    monkeypatch.setattr(kl, "CHUNK", 4)
    np.testing.assert_allclose(kl_per_dimension(z_mean, z_log_var), whole, rtol=1e-12)


def test_kl_is_never_negative() -> None:
    z_log_var = np.linspace(-1e-9, 1e-9, 999, dtype=np.float32)[np.newaxis]
    assert (kl_per_dimension(np.zeros_like(z_log_var), z_log_var) >= 0).all()
    assert kl_per_dimension(np.zeros((1, 1)), np.zeros((1, 1))).tolist() == [0]
