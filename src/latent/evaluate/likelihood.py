"""How likely a model holds images that it was not trained on, in nats and bits.

Images are read, decoded and forgotten batch by batch, and sums are float64, so that neither memory
nor the last digits suffer from the number of images. Noise comes from a seeded NumPy generator: a
number is a function of the model, the images and the seed.

Grey values in [0, 1] are no outcomes of Bernoulli variables: what a model with binary cross-entropy
calls its likelihood is a pseudo-likelihood, and cannot get below the images' own entropy
(`entropy_floor`). That of a Gaussian is a density of values in [0, 1]; 8 bits more per dimension
compare with models of 8-bit values.
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

CHUNK = 1 << 22  # values in memory at a time, where none is decoded; NumPy counts them as int64

Array = NDArray[np.float64]


class Posterior(NamedTuple):
    """The distributions that an encoder gives images; an autoencoder's are points.

    Attributes:
        mean: z_mean, float32 (N, latent_dim), an array or a memory map.
        log_var: z_log_var, the same shape; None of an autoencoder.
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
    """Return how far the images' reconstructions are from them.

    Each image is decoded once: from its point, or from a point drawn from its distribution, as the
    evidence lower bound demands.

    Args:
        decoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), an array or a memory map, N > 0.
        posterior: of these images.
        loss: "bce" or "mse", by which the model was trained.
        seed: of the draw.

    Returns:
        Means over the images: `reconstruction_nats`, −log p(x | z) as
        `latent.models.losses.reconstruction_nats` reads it; `bce_nats`, the binary cross-entropy of
        an image whatever the model was trained by, and below it `bce_floor_nats`.
    """
    generator = np.random.default_rng(seed)
    totals = dict.fromkeys(("bce", "mse"), 0.0)
    for rows in _batches(len(images)):
        z, _ = _draw(posterior, rows, generator)
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
        loss: "bce" or "mse".
        weight: what the reconstruction loss was multiplied by.
        values: numbers in an image, H · W · C.

    Returns:
        `kl_nats`; `elbo_nats`, −(reconstruction + KL): Kingma & Welling, arXiv:1312.6114, eq. 3;
        `elbo_weighted_nats`, −(reconstruction + β · KL), what training made large, with the
        reconstruction counted once; `beta`: Higgins et al., β-VAE, ICLR 2017.
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
    """Return the importance-weighted bound on log p(x), and the ELBO of the same draws below it.

    log 1/k Σ p(x, zᵢ) / q(zᵢ | x) with z₁ … z_k ~ q(z | x): Burda, Grosse & Salakhutdinov,
    Importance Weighted Autoencoders, arXiv:1509.00519, eq. 8. It rises with k, from the ELBO at
    k = 1 to log p(x). The sum is one of logarithms (log-sum-exp), taken draw by draw: images whose
    likelihood is e^−3000 have one, and memory does not grow with k.

    Args:
        decoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), N > 0; each is decoded `samples` times.
        posterior: of these images, with variances.
        loss: "bce" or "mse".
        samples: k.
        seed: of the draws.

    Returns:
        Means over the images, in nats: `importance_nats` and `importance_elbo_nats`.
    """
    generator = np.random.default_rng(seed)
    bound = elbo = 0.0
    for rows in _batches(len(images)):
        batch = scale(images[rows])
        log_sum = np.full(rows.stop - rows.start, -np.inf)
        for _ in range(samples):
            z, log_ratio = _draw(posterior, rows, generator)
            losses = _losses(loss, batch, decoder(z, training=False))
            log_weight = log_ratio - _nats(loss, losses, math.prod(images.shape[1:]))
            log_sum = np.logaddexp(log_sum, log_weight)
            elbo += float(log_weight.sum()) / samples
        bound += float(log_sum.sum()) - len(log_sum) * math.log(samples)
    return {
        "importance_nats": bound / len(images),
        "importance_elbo_nats": elbo / len(images),
    }


def entropy_floor(images: NDArray[np.uint8]) -> float:
    """Return the mean entropy of an image's values, in nats, below which no BCE can get.

    Σ −x log x − (1 − x) log(1 − x) with x in [0, 1]: the BCE of an image with itself.

    Args:
        images: uint8 (N, H, W, C), an array or a memory map, N > 0.
    """
    counts = np.zeros(256, np.int64)
    step = max(1, CHUNK // images[0].size)
    for start in range(0, len(images), step):
        counts += np.bincount(images[start : start + step].ravel(), minlength=256)
    level = np.arange(256) / 255
    return float(counts @ (entr(level) + entr(1 - level))) / len(images)


def bits_per_dimension(nats: float, values: int) -> float:
    """Return nats per image as bits per value of an image, of which it has `values`."""
    return nats / (values * math.log(2))


def _batches(count: int) -> Iterator[slice]:
    for start in range(0, count, BATCH_SIZE):
        yield slice(start, min(start + BATCH_SIZE, count))


def _draw(
    posterior: Posterior, rows: slice, generator: np.random.Generator
) -> tuple[NDArray[np.float32], Array]:
    """Return a z of each row's distribution, and log p(z) − log q(z | x) there."""
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


def _nats(loss: str, losses: Array, values: int) -> Array:
    return np.array([reconstruction_nats(loss, float(value), values) for value in losses])
