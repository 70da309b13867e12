"""Terms of the training losses, as pure functions of a batch.

The loss functions return one float32 value per image. This allows the mean over a batch, and also
the exact mean over a dataset whose last batch is shorter than the others.
"""

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from keras import KerasTensor as Tensor
from keras import ops
from numpy.typing import NDArray

PIXEL_AXES = (1, 2, 3)

Nats = TypeVar("Nats", float, NDArray[np.float64])


def binary_crossentropy(images: Tensor, reconstructions: Tensor) -> Tensor:
    """Return the binary cross-entropy of each image, as the mean over its values, in nats.

    The formula is −x log x̂ − (1 − x) log(1 − x̂). For grey pixels the minimum is not 0: it is the
    entropy of x.

    Args:
        images: x in [0, 1], float32 (N, H, W, C).
        reconstructions: x̂ in [0, 1], float32 (N, H, W, C).

    Returns:
        float32 (N,).
    """
    return ops.mean(ops.binary_crossentropy(images, reconstructions), axis=PIXEL_AXES)


def mean_squared_error(images: Tensor, reconstructions: Tensor) -> Tensor:
    """Return the squared error of each image, as the mean over its values.

    Args:
        images: x, float32 (N, H, W, C).
        reconstructions: x̂, float32 (N, H, W, C).

    Returns:
        float32 (N,).
    """
    return ops.mean(ops.square(images - reconstructions), axis=PIXEL_AXES)


RECONSTRUCTION_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "bce": binary_crossentropy,
    "mse": mean_squared_error,
}


def kl_divergence(z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """Return the KL divergence of each image's posterior from the prior N(0, I), in nats.

    The formula is −½ Σ (1 + log σ² − μ² − σ²), summed over the latent dimensions (Kingma & Welling,
    Auto-Encoding Variational Bayes, arXiv:1312.6114, appendix B).

    Args:
        z_mean: μ, float32 (N, latent_dim).
        z_log_var: log σ², float32 (N, latent_dim).

    Returns:
        float32 (N,).
    """
    terms = 1.0 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var)
    return -0.5 * ops.sum(terms, axis=-1)


def reconstruction_nats(loss: str, mean_loss: Nats, values: int) -> Nats:
    """Return −log p(x | z) in nats per image, computed from the mean loss over an image's values.

    For "bce", x̂ are the means of Bernoulli variables. For "mse", x̂ are the means of Gaussian
    variables of variance 1, and the result is ½ Σ (x − x̂)² + (values / 2) log 2π.

    Args:
        loss: "bce" or "mse".
        mean_loss: mean over the values of an image, as the functions above return it: a number, or
            float64 (N,) for N images.
        values: number of values in an image, H · W · C.
    """
    if loss == "bce":
        return values * mean_loss
    return 0.5 * values * (mean_loss + math.log(2.0 * math.pi))


def beta(loss: str, reconstruction_weight: float, values: int) -> float:
    """Return β, the weight of the KL term if the reconstruction term is −log p(x | z) in nats.

    With this β (Higgins et al., β-VAE, ICLR 2017), −log p(x | z) + β · KL has the same minimum as
    `reconstruction_weight` · mean loss + KL.

    Args:
        loss: "bce" or "mse".
        reconstruction_weight: weight of the mean loss over an image's values.
        values: number of values in an image, H · W · C.
    """
    per_value = 1.0 if loss == "bce" else 0.5
    return per_value * values / reconstruction_weight
