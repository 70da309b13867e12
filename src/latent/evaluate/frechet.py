"""The Fréchet distance between two sets of features, each taken for a normal distribution.

Dowson & Landau, The Fréchet distance between multivariate normal distributions, Journal of
Multivariate Analysis 12, 1982; as a measure of generated images: Heusel et al., GANs trained by a
two time-scale update rule, arXiv:1706.08500. In Inception's features it is the FID.

It grows with the sampling error of both sets, the more the fewer their images: distances compare
where the numbers of images are the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """Return the normal distribution with the mean and the (unbiased) covariance of some rows.

    The batches are added up as they come, in float64, about the mean so far (Chan, Golub & LeVeque,
    Updating formulae and a pairwise algorithm for computing sample variances, 1979): memory does
    not grow with their number, and features far from 0 lose no digits.

    Args:
        batches: (n, F) each, of two rows or more in all.

    Raises:
        ValueError: there are fewer than two rows, which have no covariance.
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
        raise ValueError(f"{count} rows have no covariance")
    return Gaussian(mean, scatter / (count - 1))


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """Return the squared Fréchet distance of two normal distributions, as the FID is squared.

    |μ_a − μ_b|² + tr Σ_a + tr Σ_b − 2 tr (Σ_a^½ Σ_b Σ_a^½)^½ (Dowson & Landau, 1982). The last
    trace is the sum of the singular values of Σ_a^½ Σ_b^½. Found so, no root is taken of a product:
    where a covariance is singular, that would turn complex, or lose half of the digits.

    Returns:
        Not negative, in units of the features squared; 0 of a distribution with itself.
    """
    cross = np.linalg.svd(_root(a.covariance) @ _root(b.covariance), compute_uv=False).sum()
    difference = a.mean - b.mean
    traces = np.trace(a.covariance) + np.trace(b.covariance)
    return max(0.0, float(difference @ difference + traces - 2.0 * cross))


def _root(covariance: Array) -> Array:
    """Return the symmetric square root of a matrix that is positive but for rounding."""
    values, vectors = np.linalg.eigh(covariance)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root
