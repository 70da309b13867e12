"""The Fréchet distance between two sets of features, each described by a normal distribution.

Dowson & Landau, The Fréchet distance between multivariate normal distributions, Journal of
Multivariate Analysis 12, 1982. As a measure of generated images: Heusel et al., GANs trained by a
two time-scale update rule, arXiv:1706.08500. With the features of Inception it is the FID.

The distance grows with the sampling error of both sets, and so depends on their sizes. Compare
distances between sets of the same sizes only.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent.evaluate.covariance import square_root

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution.

    Attributes:
        mean: float64 (F,).
        covariance: float64 (F, F), symmetric; it may be singular.
    """

    mean: Array
    covariance: Array


def fit_gaussian(batches: Iterable[NDArray[np.floating]]) -> Gaussian:
    """Return the normal distribution with the mean and the unbiased covariance of the rows.

    Each batch updates the mean and the scatter about it in float64 (Chan, Golub & LeVeque, Updating
    formulae and a pairwise algorithm for computing sample variances, 1979). Memory does not grow
    with the number of batches, and features far from 0 lose no precision.

    Args:
        batches: arrays (n, F) with at least two rows in total.

    Raises:
        ValueError: there are fewer than two rows.
    """
    count, mean, scatter = 0, np.zeros(()), np.zeros(())
    for batch in batches:
        if not len(batch):
            continue
        rows = batch.astype(np.float64)
        batch_mean = rows.mean(axis=0)
        rows -= batch_mean
        step = batch_mean - mean
        total = count + len(rows)
        scatter = scatter + rows.T @ rows + np.outer(step, step) * (count * len(rows) / total)
        mean = mean + step * (len(rows) / total)
        count = total
    if count < 2:
        raise ValueError(f"a covariance needs at least 2 rows, not {count}")
    return Gaussian(mean, scatter / (count - 1))


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """Return the squared Fréchet distance between two normal distributions.

    |μ_a − μ_b|² + tr Σ_a + tr Σ_b − 2 tr (Σ_a^½ Σ_b Σ_a^½)^½ (Dowson & Landau, 1982). The FID is
    defined as this square. The last trace is computed as the sum of the singular values of
    Σ_a^½ Σ_b^½. A root of the product itself would be complex, or lose half of its digits, if a
    covariance is singular.

    Returns:
        The squared distance in squared units of the features, at least 0.
    """
    roots = square_root(a.covariance) @ square_root(b.covariance)
    cross = np.linalg.svd(roots, compute_uv=False).sum()
    difference = a.mean - b.mean
    traces = np.trace(a.covariance) + np.trace(b.covariance)
    return max(0.0, float(difference @ difference + traces - 2.0 * cross))
