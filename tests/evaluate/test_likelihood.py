"""Bounds on the likelihood of a linear decoder, whose likelihood is known in closed form."""

import math
import tracemalloc
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from latent.evaluate import likelihood
from latent.evaluate.likelihood import (
    Posterior,
    bits_per_dimension,
    elbo_metrics,
    entropy_floor,
    importance_metrics,
    reconstruction_metrics,
)
from latent.models import losses

VALUES = 12
SHAPE = (2, 3, 2)
# The rows are orthogonal, so the true posterior of x = zW + b + ε is a diagonal Gaussian.
W = np.zeros((2, VALUES), np.float32)
W[0, :3], W[1, 3:7] = 0.8, -0.5
B = np.linspace(0.2, 0.6, VALUES, dtype=np.float32)


def linear_decoder() -> keras.Model:
    decoder = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(VALUES), keras.layers.Reshape(SHAPE)]
    )
    decoder.layers[0].set_weights([W, B])
    return decoder


def some_images(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (count, *SHAPE), np.uint8)


def true_posterior(images: NDArray[np.uint8]) -> Posterior:
    """Return p(z | x). Its precision I + W Wᵀ is diagonal."""
    x = images.reshape(len(images), -1) / 255
    variance = 1 / (1 + (W**2).sum(axis=1))
    mean = (x - B) @ W.T * variance
    log_var = np.broadcast_to(np.log(variance), mean.shape)
    return Posterior(mean.astype(np.float32), log_var.astype(np.float32))


def log_marginal(images: NDArray[np.uint8]) -> float:
    """Return the mean of log N(x; b, Wᵀ W + I)."""
    x = images.reshape(len(images), -1) / 255
    covariance = W.T.astype(np.float64) @ W + np.eye(VALUES)
    return float(np.mean(multivariate_normal(B, covariance).logpdf(x)))


def test_bound_with_the_true_posterior_is_the_likelihood() -> None:
    images = some_images(300)  # more than a batch
    posterior = true_posterior(images)
    metrics = importance_metrics(linear_decoder(), images, posterior, "mse", samples=1, seed=0)
    assert metrics["importance_nats"] == pytest.approx(log_marginal(images), abs=1e-4)
    assert metrics["importance_elbo_nats"] == pytest.approx(log_marginal(images), abs=1e-4)


def test_bound_with_another_posterior_increases_from_the_elbo_to_the_likelihood() -> None:
    images = some_images(20)
    true = true_posterior(images)
    assert true.log_var is not None
    posterior = Posterior(true.mean + 0.3, true.log_var + 0.5)
    decoder, exact = linear_decoder(), log_marginal(images)
    by_k = {
        k: importance_metrics(decoder, images, posterior, "mse", samples=k, seed=3)
        for k in (1, 10, 1000)
    }
    bounds = [metrics["importance_nats"] for metrics in by_k.values()]
    assert bounds[0] == pytest.approx(by_k[1]["importance_elbo_nats"])
    assert bounds[0] < bounds[1] < bounds[2] < exact + 0.01
    assert bounds[2] == pytest.approx(exact, abs=0.01)
    # The gap of the ELBO is the KL divergence between the two diagonal Gaussians.
    variance = np.exp(true.log_var)
    kl = 0.5 * (math.exp(0.5) + 0.09 / variance - 1 - 0.5).sum(axis=1).mean()
    assert by_k[1000]["importance_elbo_nats"] == pytest.approx(exact - kl, abs=0.02)


def test_tiny_likelihoods_do_not_underflow() -> None:
    decoder = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(40_000), keras.layers.Reshape((200, 200, 1))]
    )
    images = np.full((2, 200, 200, 1), 255, np.uint8)
    posterior = Posterior(np.zeros((2, 2), np.float32), np.zeros((2, 2), np.float32))
    metrics = importance_metrics(decoder, images, posterior, "mse", samples=3, seed=0)
    assert -1e6 < metrics["importance_elbo_nats"] <= metrics["importance_nats"] < -10_000


def test_noise_is_a_function_of_the_seed() -> None:
    images = some_images(3)
    posterior = true_posterior(images)
    posterior = Posterior(posterior.mean + 1, posterior.log_var)
    numbers = [
        importance_metrics(linear_decoder(), images, posterior, "mse", 2, seed)["importance_nats"]
        for seed in (5, 5, 6)
    ]
    assert numbers[0] == numbers[1] != numbers[2]


def test_autoencoder_decodes_its_embeddings(tmp_path: Path) -> None:
    images = some_images(300)
    path = tmp_path / "images.npy"
    np.save(path, images)
    z = np.random.default_rng(0).standard_normal((300, 2), dtype=np.float32)
    mapped = np.load(path, mmap_mode="r")
    metrics = reconstruction_metrics(linear_decoder(), mapped, Posterior(z, None), "mse", seed=0)
    error = (((images / 255).reshape(300, -1) - (z @ W + B)) ** 2).sum(axis=1).mean()
    expected = 0.5 * error + 0.5 * VALUES * math.log(2 * math.pi)
    assert metrics["reconstruction_nats"] == pytest.approx(expected, abs=1e-4)


def test_binary_cross_entropy_of_a_perfect_reconstruction_is_the_floor() -> None:
    image = np.arange(VALUES, dtype=np.uint8).reshape(1, *SHAPE) * 20
    decoder = linear_decoder()
    decoder.layers[0].set_weights([np.zeros_like(W), image.ravel() / 255])
    images = np.repeat(image, 5, axis=0)
    points = Posterior(np.zeros((5, 2), np.float32), None)
    metrics = reconstruction_metrics(decoder, images, points, "bce", seed=0)
    assert metrics["bce_nats"] == metrics["reconstruction_nats"]
    assert metrics["bce_nats"] == pytest.approx(metrics["bce_floor_nats"], rel=1e-5)
    x = image / 255
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = np.nansum(-x * np.log(x) - (1 - x) * np.log(1 - x))
    assert metrics["bce_floor_nats"] == pytest.approx(entropy)


def test_entropy_of_black_white_and_grey_images() -> None:
    assert entropy_floor(np.array([[[[0], [255]]]], np.uint8)) == 0
    grey = entropy_floor(np.full((2000, 2, 2, 1), 128, np.uint8))
    assert grey == pytest.approx(4 * math.log(2), rel=1e-4)


def test_floor_of_images_larger_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, *SHAPE), np.uint8)
    expected = entropy_floor(images)
    monkeypatch.setattr(likelihood, "CHUNK", 1)
    assert entropy_floor(images) == expected


def test_memory_of_the_floor_does_not_depend_on_the_image_size() -> None:
    images = np.full((1000, 64, 64, 3), 128, np.uint8)
    tracemalloc.start()
    entropy_floor(images)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50e6


def test_weighted_bound_is_the_scaled_training_loss() -> None:
    values, weight, mean_loss, kl = 1024, 500.0, 0.26, 5.0
    nats = losses.reconstruction_nats("bce", mean_loss, values)
    metrics = elbo_metrics(nats, kl, "bce", weight, values)
    assert metrics["elbo_nats"] == pytest.approx(-(nats + kl))
    training_loss = weight * mean_loss + kl
    assert metrics["elbo_weighted_nats"] == pytest.approx(-training_loss * metrics["beta"])
    assert metrics["beta"] == pytest.approx(2.048)


def test_one_bit_per_dimension_is_log_2() -> None:
    assert bits_per_dimension(10 * math.log(2), 10) == pytest.approx(1)
