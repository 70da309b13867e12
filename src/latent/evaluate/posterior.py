"""What the embeddings of all images look like together, one latent dimension at a time.

A VAE gives image i the distribution N(μᵢ, σᵢ²) in a dimension. Their mixture, the aggregated
posterior, is what its decoder learnt from, and what the prior N(0, 1) is hoped to be like: the
chapter's check is figure 3-17. Its mean, variance and distribution function are exact sums over the
images: no noise is drawn. An autoencoder's mixture is of points.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from latent.latent_space.kl import kl_per_dimension

CHUNK = 1024  # images per step: bounds the memory, whatever their number
GRID = np.linspace(-5, 5, 101)  # where the distribution functions are compared
ACTIVE = 0.01  # variance of z_mean from which on a unit is active (Burda et al. 2016)
# Mass on the wrong side of some point: that of N(0.25, 1), whose mean figure 3-17 calls far off.
UNLIKE = 0.1
KOLMOGOROV = 1.36  # / √N: what N draws of N(0, 1) itself stay below, 95 times in 100

Array = NDArray[np.float64]


def dimension_table(
    z_mean: NDArray[np.float32], z_log_var: NDArray[np.float32] | None
) -> pd.DataFrame:
    """Return what each latent dimension does over the images.

    Args:
        z_mean: float32 (N, latent_dim), an array or a memory map, N > 0.
        z_log_var: the same shape; None of an autoencoder.

    Returns:
        A row per dimension: `dimension`, from 1; `kl_nats`, of a VAE, from `latent.latent_space.kl`;
        `activity`, the variance of z_mean, and `active`, whether it is above 0.01 (Burda, Grosse &
        Salakhutdinov, arXiv:1509.00519, section 5.2); `mean` and `std` of the aggregated posterior;
        `distance`, the Kolmogorov distance sup |F(t) − Φ(t)| between it and N(0, 1), over a grid
        from −5 to 5 in steps of 0.1: the largest share of mass on the wrong side of a point;
        `unlike_prior`, whether that is above 0.1, and above what as many draws of N(0, 1) itself
        would show in 95 of 100 cases.
    """
    mean = _mean(z_mean, lambda rows: rows)
    activity = _mean(z_mean, lambda rows: (rows - mean) ** 2)
    columns: dict[str, Array | NDArray[np.bool_] | range] = {
        "dimension": range(1, z_mean.shape[1] + 1)
    }
    noise = np.zeros_like(mean)
    if z_log_var is not None:
        columns["kl_nats"] = kl_per_dimension(z_mean, z_log_var)
        noise = _mean(z_log_var, np.exp)
    distance = kolmogorov_distance(z_mean, z_log_var)
    return pd.DataFrame(
        columns
        | {
            "activity": activity,
            "active": activity > ACTIVE,
            "mean": mean,
            "std": np.sqrt(activity + noise),
            "distance": distance,
            "unlike_prior": distance > max(UNLIKE, KOLMOGOROV / np.sqrt(len(z_mean))),
        }
    )


def kolmogorov_distance(
    z_mean: NDArray[np.float32], z_log_var: NDArray[np.float32] | None
) -> Array:
    """Return each dimension's largest |F(t) − Φ(t)| on the grid, float64 (latent_dim,).

    F is the mean of the images' own distribution functions, Φ((t − μᵢ) / σᵢ), or the share of
    points that are not above t.

    Args:
        z_mean: float32 (N, latent_dim), an array or a memory map, N > 0.
        z_log_var: the same shape, or None.
    """
    below = np.zeros((len(GRID), z_mean.shape[1]))
    for start in range(0, len(z_mean), CHUNK):
        mean = z_mean[start : start + CHUNK].astype(np.float64)
        if z_log_var is None:
            below += [(mean <= t).sum(axis=0) for t in GRID]
        else:
            std = np.exp(0.5 * z_log_var[start : start + CHUNK].astype(np.float64))
            below += [ndtr((t - mean) / std).sum(axis=0) for t in GRID]
    gap: Array = np.abs(below / len(z_mean) - ndtr(GRID)[:, np.newaxis]).max(axis=0)
    return gap


def posterior_metrics(dimensions: pd.DataFrame) -> dict[str, float]:
    """Return what the dimensions come to.

    Args:
        dimensions: as `dimension_table` returns them.

    Returns:
        `latent_dim`; `active_units` and `unlike_prior`, how many dimensions are so; `mean_norm`,
        distance of the aggregated posterior's mean from the origin, and `mean_abs_max`, along the
        dimension where it is largest; `std_min` and `std_max`; `kolmogorov_max`, the largest
        distance of a dimension from N(0, 1).
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


def _mean(rows: NDArray[np.float32], of: Callable[[Array], Array]) -> Array:
    total = np.zeros(rows.shape[1])
    for start in range(0, len(rows), CHUNK):
        total += of(rows[start : start + CHUNK].astype(np.float64)).sum(axis=0)
    return total / len(rows)
