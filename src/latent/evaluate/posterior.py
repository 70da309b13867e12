"""The aggregated posterior of all images, one latent dimension at a time.

A VAE maps image i to the distribution N(μᵢ, σᵢ²) in a dimension. The mixture of these distributions
is the aggregated posterior. The decoder is trained on points from it, and it should equal the prior
N(0, 1): the chapter checks this in figure 3-17. Its mean, variance and distribution function are
computed exactly, as sums over the images without sampling. For an autoencoder it is the empirical
distribution of the embeddings.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from latent.latent_space.kl import kl_per_dimension

CHUNK = 1024  # images per step: bounds the memory for any number of images
GRID = np.linspace(-5, 5, 101)  # points at which the distribution functions are compared
MIN_ACTIVITY = 0.01  # variance of z_mean above which a unit is active (Burda et al. 2016)
# Kolmogorov distance above which a dimension differs from the prior. N(0.25, 1) has this distance,
# and figure 3-17 describes such a mean as far from 0.
MAX_DISTANCE = 0.1
# Divided by √N: critical value of the Kolmogorov-Smirnov test of N points at the 5 % level.
CRITICAL_VALUE = 1.36

Array = NDArray[np.float64]


def dimension_table(
    z_mean: NDArray[np.float32], z_log_var: NDArray[np.float32] | None
) -> pd.DataFrame:
    """Describe the aggregated posterior of each latent dimension.

    Args:
        z_mean: float32 (N, latent_dim), N > 0, an array or a memory map.
        z_log_var: same shape; None for an autoencoder.

    Returns:
        A row per dimension: `dimension`, counted from 1; `kl_nats`, for a VAE, from
        `latent.latent_space.kl`; `activity`, the variance of z_mean, and `active`, whether it is
        above 0.01 (Burda, Grosse & Salakhutdinov, arXiv:1509.00519, section 5.2); `mean` and `std`
        of the aggregated posterior; `distance`, the Kolmogorov distance sup |F(t) − Φ(t)| between
        the aggregated posterior and N(0, 1), on a grid from −5 to 5 in steps of 0.1;
        `unlike_prior`, whether that distance is above 0.1 and above the critical value of the
        Kolmogorov-Smirnov test at the 5 % level, 1.36 / √N.
    """
    mean = _mean(z_mean, lambda rows: rows)
    activity = _mean(z_mean, lambda rows: (rows - mean) ** 2)
    columns: dict[str, Array | NDArray[np.bool_] | range] = {
        "dimension": range(1, z_mean.shape[1] + 1)
    }
    noise_variance = np.zeros_like(mean)
    if z_log_var is not None:
        columns["kl_nats"] = kl_per_dimension(z_mean, z_log_var)
        noise_variance = _mean(z_log_var, np.exp)
    distance = kolmogorov_distance(z_mean, z_log_var)
    return pd.DataFrame(
        columns
        | {
            "activity": activity,
            "active": activity > MIN_ACTIVITY,
            "mean": mean,
            "std": np.sqrt(activity + noise_variance),
            "distance": distance,
            "unlike_prior": distance > max(MAX_DISTANCE, CRITICAL_VALUE / np.sqrt(len(z_mean))),
        }
    )


def kolmogorov_distance(
    z_mean: NDArray[np.float32], z_log_var: NDArray[np.float32] | None
) -> Array:
    """Return the largest |F(t) − Φ(t)| on the grid, for each dimension.

    For a VAE, F(t) is the mean of Φ((t − μᵢ) / σᵢ) over the images. For an autoencoder, F(t) is the
    share of embeddings that are at most t.

    Args:
        z_mean: float32 (N, latent_dim), N > 0, an array or a memory map.
        z_log_var: same shape; None for an autoencoder.

    Returns:
        float64 (latent_dim,).
    """
    cdf = np.zeros((len(GRID), z_mean.shape[1]))
    for start in range(0, len(z_mean), CHUNK):
        mean = z_mean[start : start + CHUNK].astype(np.float64)
        if z_log_var is None:
            cdf += [(mean <= t).sum(axis=0) for t in GRID]
        else:
            std = np.exp(0.5 * z_log_var[start : start + CHUNK].astype(np.float64))
            cdf += [ndtr((t - mean) / std).sum(axis=0) for t in GRID]
    distance: Array = np.abs(cdf / len(z_mean) - ndtr(GRID)[:, np.newaxis]).max(axis=0)
    return distance


def posterior_metrics(dimensions: pd.DataFrame) -> dict[str, float]:
    """Summarise the latent dimensions.

    Args:
        dimensions: table from `dimension_table`.

    Returns:
        `latent_dim`; `active_units`, the number of active dimensions; `unlike_prior`, the number of
        dimensions that differ from the prior; `mean_norm`, the distance of the aggregated
        posterior's mean from the origin; `mean_abs_max`, the largest absolute coordinate of that
        mean; `std_min` and `std_max`, the smallest and largest standard deviation;
        `kolmogorov_max`, the largest Kolmogorov distance.
    """
    return {
        "latent_dim": len(dimensions),
        "active_units": int(dimensions["active"].sum()),
        "unlike_prior": int(dimensions["unlike_prior"].sum()),
        "mean_norm": float(np.linalg.norm(dimensions["mean"])),
        "mean_abs_max": float(dimensions["mean"].abs().max()),
        "std_min": float(dimensions["std"].min()),
        "std_max": float(dimensions["std"].max()),
        "kolmogorov_max": float(dimensions["distance"].max()),
    }


def _mean(array: NDArray[np.float32], function: Callable[[Array], Array]) -> Array:
    """Return the mean of `function` over the rows of an array, in float64 and in chunks."""
    total = np.zeros(array.shape[1])
    for start in range(0, len(array), CHUNK):
        total += function(array[start : start + CHUNK].astype(np.float64)).sum(axis=0)
    return total / len(array)
