"""The losses, compared with numbers calculated by hand."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from keras import ops

from latent.models.losses import (
    RECONSTRUCTION_LOSSES,
    beta,
    binary_crossentropy,
    kl_divergence,
    mean_squared_error,
    reconstruction_nats,
)

Array = npt.NDArray[np.float32]


def images(*pixels: list[float]) -> Array:
    """Images with one row and one channel."""
    return np.array(pixels, np.float32)[:, np.newaxis, :, np.newaxis]


def to_numpy(tensor: object) -> Array:
    return np.asarray(ops.convert_to_numpy(tensor))


def test_binary_crossentropy() -> None:
    x = images([1.0, 0.0], [0.5, 0.25])
    x_hat = images([0.5, 0.25], [0.5, 0.75])
    # First image:  −ln 0.5 = 0.693147;  −ln(1 − 0.25) = 0.287682;  mean 0.490415
    # Second image: −0.5 ln 0.5 − 0.5 ln 0.5 = 0.693147;
    #               −0.25 ln 0.75 − 0.75 ln 0.25 = 0.071921 + 1.039721 = 1.111641;  mean 0.902394
    losses = to_numpy(binary_crossentropy(x, x_hat))
    assert losses.shape == (2,)
    np.testing.assert_allclose(losses, [0.490415, 0.902394], atol=2e-6)


def test_minimum_of_binary_crossentropy_of_grey_pixels_is_their_entropy() -> None:
    x = images([0.25, 0.25])
    # −0.25 ln 0.25 − 0.75 ln 0.75 = 0.346574 + 0.215762 = 0.562335
    minimum = to_numpy(binary_crossentropy(x, x))
    np.testing.assert_allclose(minimum, [0.562335], atol=2e-6)
    assert to_numpy(binary_crossentropy(x, images([0.2, 0.3]))) > minimum


def test_binary_crossentropy_is_finite_for_a_saturated_sigmoid() -> None:
    assert np.isfinite(to_numpy(binary_crossentropy(images([1.0, 0.0]), images([0.0, 1.0])))).all()


def test_mean_squared_error() -> None:
    x = images([1.0, 0.0, 0.5], [0.2, 0.2, 0.2])
    x_hat = images([0.5, 0.25, 0.5], [0.2, 0.2, 0.8])
    # First image: (0.25 + 0.0625 + 0) / 3 = 0.104167; second: (0 + 0 + 0.36) / 3 = 0.12
    losses = to_numpy(mean_squared_error(x, x_hat))
    assert losses.shape == (2,)
    np.testing.assert_allclose(losses, [0.3125 / 3, 0.12], rtol=1e-6)


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_reconstruction_loss_is_the_mean_over_height_width_and_channels(loss: str) -> None:
    generator = np.random.default_rng(3)
    x, x_hat = generator.uniform(0.1, 0.9, (2, 4, 2, 6, 3)).astype(np.float32)
    losses = to_numpy(RECONSTRUCTION_LOSSES[loss](x, x_hat))
    terms = {
        "bce": -x * np.log(x_hat) - (1 - x) * np.log(1 - x_hat),
        "mse": (x - x_hat) ** 2,
    }[loss]
    assert losses.shape == (4,)
    np.testing.assert_allclose(losses, terms.reshape(4, 2 * 6 * 3).mean(axis=1), rtol=1e-5)


def test_kl_divergence_of_the_prior_is_0() -> None:
    zeros = np.zeros((3, 5), np.float32)
    np.testing.assert_array_equal(to_numpy(kl_divergence(zeros, zeros)), np.zeros(3))


def test_kl_divergence() -> None:
    z_mean = np.array([[1.0, -2.0], [0.0, 0.0]], np.float32)
    z_log_var = np.array([[0.0, 0.0], [math.log(4), math.log(0.25)]], np.float32)
    # First: the variances equal those of the prior:
    #         −½ (1 + 0 − 1 − 1) − ½ (1 + 0 − 4 − 1) = 0.5 + 2 = 2.5
    # Second: σ² = 4:    −½ (1 + 1.386294 − 0 − 4)    = 0.806853
    #         σ² = 0.25: −½ (1 − 1.386294 − 0 − 0.25) = 0.318147;  sum 1.125
    divergences = to_numpy(kl_divergence(z_mean, z_log_var))
    assert divergences.shape == (2,)
    np.testing.assert_allclose(divergences, [2.5, 1.125], rtol=1e-6)


def test_kl_divergence_is_summed_over_the_dimensions() -> None:
    # The divergence of a dimension with μ = 1 and σ = 1 is ½. The sum of 200 of them is 100.
    z_mean, z_log_var = np.ones((1, 200), np.float32), np.zeros((1, 200), np.float32)
    np.testing.assert_allclose(to_numpy(kl_divergence(z_mean, z_log_var)), [100.0])


def test_reconstruction_in_nats() -> None:
    # Bernoulli: 1,024 pixels of 0.25 nats each.
    assert reconstruction_nats("bce", 0.25, 1024) == 256.0
    # Gaussian of variance 1: ½ · 3,072 · 0.01 = 15.36, and 1,536 · ln 2π = 1,536 · 1.837877 =
    # 2,822.979
    assert reconstruction_nats("mse", 0.01, 3072) == pytest.approx(15.36 + 2822.979, abs=0.001)


def test_beta_for_the_chapters_weights() -> None:
    assert beta("bce", 500, 32 * 32 * 1) == pytest.approx(2.048)  # 1,024 / 500
    assert beta("mse", 2000, 32 * 32 * 3) == pytest.approx(0.768)  # ½ · 3,072 / 2,000


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_beta_is_1_if_the_loss_is_the_negative_elbo(loss: str) -> None:
    """Weight · mean loss then equals the reconstruction loss in nats up to a constant."""
    values = 192
    weight = {"bce": 192.0, "mse": 96.0}[loss]
    assert beta(loss, weight, values) == 1.0
    slope = reconstruction_nats(loss, 0.5, values) - reconstruction_nats(loss, 0.25, values)
    assert slope == pytest.approx(weight * 0.25)
