"""The likelihood of test images under a model, in nats and bits.

Images are processed in batches and sums are float64, so neither memory nor precision depends on the
number of images. Noise comes from a seeded NumPy generator: the results are a function of the
model, the images and the seed.

Grey values in [0, 1] are not outcomes of Bernoulli variables. The likelihood of a model trained
with binary cross-entropy is therefore a pseudo-likelihood, and its cross-entropy cannot be lower
than the entropy of the images (`entropy_floor`). The likelihood of a model trained with the squared
error is a Gaussian density of values in [0, 1]. Add 8 bits per dimension to compare it with models
of 8-bit values.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from scipy.special import entr

from latent.models.inference import BATCH_SIZE
from latent.models.layers import scale
from latent.models.losses import RECONSTRUCTION_LOSSES, beta, reconstruction_nats

CHUNK = 1 << 22  # pixel values per step of `entropy_floor`: np.bincount converts them to int64

Array = NDArray[np.float64]


class Posterior(NamedTuple):
    """The posterior distributions of images: Gaussians for a VAE, points for an autoencoder.

    Attributes:
        mean: z_mean, float32 (N, latent_dim), an array or a memory map.
        log_var: z_log_var, same shape; None for an autoencoder.
    """

    mean: NDArray[np.float32]
    log_var: NDArray[np.float32] | None


def reconstruction_metrics(
    decoder: keras.Model,
    images: NDArray[np.uint8],
    posterior: Posterior,
    loss: str,
    seed: int,
) -> dict[str, float]:
    """Return the reconstruction errors of the images.

    Each image is decoded once: by an autoencoder from its embedding, and by a VAE from a point
    sampled from its posterior, as in the evidence lower bound.

    Args:
        decoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), N > 0, an array or a memory map.
        posterior: posterior of these images.
        loss: loss that the model was trained with, "bce" or "mse".
        seed: seed of the sampled points.

    Returns:
        Means over the images. `reconstruction_nats`: −log p(x | z), as defined by
        `latent.models.losses.reconstruction_nats`. `bce_nats`: the binary cross-entropy, for either
        loss. `bce_floor_nats`: its lower bound, from `entropy_floor`.
    """
    generator = np.random.default_rng(seed)
    totals = dict.fromkeys(("bce", "mse"), 0.0)
    for rows in _batches(len(images)):
        z, _ = _sample(posterior, rows, generator)
        batch, reconstructions = scale(images[rows]), decoder(z, training=False)
        for name in totals:
            totals[name] += float(_losses(name, batch, reconstructions).sum())
    values = math.prod(images.shape[1:])
    means = {name: total / len(images) for name, total in totals.items()}
    return {
        "reconstruction_nats": reconstruction_nats(loss, means[loss], values),
        "bce_nats": reconstruction_nats("bce", means["bce"], values),
        "bce_floor_nats": entropy_floor(images),
    }


def elbo_metrics(
    reconstruction: float, kl: float, loss: str, weight: float, values: int
) -> dict[str, float]:
    """Return the evidence lower bound in nats per image, unweighted and weighted as in training.

    Args:
        reconstruction: −log p(x | z), mean over the images.
        kl: D_KL(q(z | x) ‖ N(0, I)), mean over the images.
        loss: loss that the model was trained with, "bce" or "mse".
        weight: weight of the reconstruction loss in training.
        values: number of values in an image, H · W · C.

    Returns:
        `kl_nats`: the KL divergence. `elbo_nats`: −(reconstruction + KL), Kingma & Welling,
        arXiv:1312.6114, eq. 3. `elbo_weighted_nats`: −(reconstruction + β · KL), which training
        maximises, scaled so that the reconstruction has weight 1. `beta`: β, Higgins et al., β-VAE,
        ICLR 2017.
    """
    factor = beta(loss, weight, values)
    return {
        "kl_nats": kl,
        "elbo_nats": -(reconstruction + kl),
        "elbo_weighted_nats": -(reconstruction + factor * kl),
        "beta": factor,
    }


def importance_metrics(
    decoder: keras.Model,
    images: NDArray[np.uint8],
    posterior: Posterior,
    loss: str,
    samples: int,
    seed: int,
) -> dict[str, float]:
    """Return the importance-weighted bound on log p(x), and the ELBO of the same samples.

    log 1/k Σ p(x, zᵢ) / q(zᵢ | x) with z₁ … z_k ~ q(z | x): Burda, Grosse & Salakhutdinov,
    Importance Weighted Autoencoders, arXiv:1509.00519, eq. 8. The bound increases with k, from the
    ELBO for k = 1 towards log p(x). The sum is updated sample by sample as a log-sum-exp, so a
    likelihood of e^−3000 does not underflow, and memory does not grow with k.

    Args:
        decoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), N > 0; each image is decoded `samples` times.
        posterior: posterior of these images, with variances.
        loss: loss that the model was trained with, "bce" or "mse".
        samples: k.
        seed: seed of the samples.

    Returns:
        Means over the images, in nats. `importance_nats`: the bound. `importance_elbo_nats`: the
        ELBO.
    """
    generator = np.random.default_rng(seed)
    bound = elbo = 0.0
    for rows in _batches(len(images)):
        batch = scale(images[rows])
        log_sum = np.full(rows.stop - rows.start, -np.inf)
        for _ in range(samples):
            z, log_ratio = _sample(posterior, rows, generator)
            losses = _losses(loss, batch, decoder(z, training=False))
            log_weight = log_ratio - reconstruction_nats(loss, losses, math.prod(images.shape[1:]))
            log_sum = np.logaddexp(log_sum, log_weight)
            elbo += float(log_weight.sum()) / samples
        bound += float(log_sum.sum()) - len(log_sum) * math.log(samples)
    return {
        "importance_nats": bound / len(images),
        "importance_elbo_nats": elbo / len(images),
    }


def entropy_floor(images: NDArray[np.uint8]) -> float:
    """Return the mean entropy of an image in nats: the smallest possible binary cross-entropy.

    Σ −x log x − (1 − x) log(1 − x) with x in [0, 1]: the cross-entropy of an image with itself.

    Args:
        images: uint8 (N, H, W, C), N > 0, an array or a memory map.
    """
    counts = np.zeros(256, np.int64)
    step = max(1, CHUNK // images[0].size)
    for start in range(0, len(images), step):
        counts += np.bincount(images[start : start + step].ravel(), minlength=256)
    values = np.arange(256) / 255
    return float(counts @ (entr(values) + entr(1 - values))) / len(images)


def bits_per_dimension(nats: float, values: int) -> float:
    """Convert nats per image to bits per dimension, for images of `values` = H · W · C values."""
    return nats / (values * math.log(2))


def _batches(count: int) -> Iterator[slice]:
    for start in range(0, count, BATCH_SIZE):
        yield slice(start, min(start + BATCH_SIZE, count))


def _sample(
    posterior: Posterior, rows: slice, generator: np.random.Generator
) -> tuple[NDArray[np.float32], Array]:
    """Return a sample z from the posterior of each row, and log p(z) − log q(z | x)."""
    mean = posterior.mean[rows]
    if posterior.log_var is None:
        return mean, np.zeros(len(mean))
    log_var = posterior.log_var[rows].astype(np.float64)
    noise = generator.standard_normal(mean.shape)
    z = mean + np.exp(0.5 * log_var) * noise
    log_ratio = 0.5 * (noise**2 + log_var - z**2).sum(axis=1)
    return z.astype(np.float32), log_ratio


def _losses(loss: str, images: keras.KerasTensor, reconstructions: keras.KerasTensor) -> Array:
    losses = RECONSTRUCTION_LOSSES[loss](images, reconstructions)
    return np.asarray(ops.convert_to_numpy(losses), np.float64)
