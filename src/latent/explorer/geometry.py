"""Which plane and which dimensions of a latent space a page shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent.latent_space.kl import kl_per_dimension
from latent.latent_space.points import some_rows

Vector = NDArray[np.float32]

SHOWN_POINTS = 5000  # more dots hide each other, and take longer to send and to draw
SHOWN_DIMENSIONS = 12
SPREAD = 3.0  # standard deviations on both sides of the mean


@dataclass(frozen=True)
class Plane:
    """A plane of a latent space: z = origin + x · basis[0] + y · basis[1].

    Attributes:
        rows: rows of the embeddings that are shown.
        points: their coordinates x and y, float64 (n, 2).
        origin: float64 (latent_dim,).
        basis: float64 (2, latent_dim).
        axes: names of the coordinates.
        note: how the plane was chosen. Empty if it is the whole latent space.
    """

    rows: NDArray[np.intp]
    points: NDArray[np.float64]
    origin: NDArray[np.float64]
    basis: NDArray[np.float64]
    axes: tuple[str, str]
    note: str


def find_plane(embeddings: Vector) -> Plane:
    """Return the plane that is shown of a latent space, with a random subset of the embeddings.

    Two dimensions are the plane. Of more, it is the plane of the first two principal components,
    through the mean. A single dimension is the horizontal axis.

    Args:
        embeddings: float32 (N, latent_dim), N > 0.
    """
    count, dim = embeddings.shape
    rows = some_rows(count, SHOWN_POINTS, seed=0)
    shown = np.asarray(embeddings[rows], np.float64)
    if dim == 1:
        points = np.column_stack([shown[:, 0], np.random.default_rng(0).uniform(-1, 1, len(rows))])
        note = "The latent space has one dimension. The height of a dot has no meaning."
        return Plane(rows, points, np.zeros(1), np.array([[1.0], [0.0]]), ("z₁", ""), note)
    if dim == 2:
        return Plane(rows, shown, np.zeros(2), np.eye(2), ("z₁", "z₂"), "")
    origin = shown.mean(axis=0)
    variances, vectors = np.linalg.eigh(np.cov(shown, rowvar=False, bias=True))
    basis = vectors[:, :-3:-1].T
    # The sign of an eigenvector is arbitrary: its largest entry is made positive.
    basis = basis * np.sign(basis[[0, 1], np.abs(basis).argmax(axis=1)])[:, np.newaxis]
    share = variances[-2:].sum() / max(variances.sum(), np.finfo(float).tiny)
    note = (
        f"The latent space has {dim} dimensions. The view is the plane of the first two principal "
        f"components of the embeddings, with {share:.0%} of their variance."
    )
    axes = ("component 1", "component 2")
    return Plane(rows, (shown - origin) @ basis.T, origin, basis, axes, note)


def informative_dimensions(
    latent_dim: int, z_mean: Vector | None = None, z_log_var: Vector | None = None
) -> list[dict[str, Any]]:
    """Return the dimensions of a latent space with the most information about an image.

    Args:
        latent_dim: number of dimensions.
        z_mean: embeddings, float32 (N, latent_dim), N > 0.
        z_log_var: logarithms of the posteriors' variances, of a VAE.

    Returns:
        `index`; `kl`, the KL divergence in nats, or None without z_log_var; `std`, the standard
        deviation of z_mean, or None without z_mean; `low` and `high`, the range to show. The
        dimensions with the most KL come first, without z_log_var those with the largest standard
        deviation, and without z_mean those with the smallest index.
    """
    if z_mean is None:
        first = range(min(latent_dim, SHOWN_DIMENSIONS))
        return [_dimension(index, None, None, -SPREAD, SPREAD) for index in first]
    mean, std = z_mean.mean(axis=0, dtype=float), z_mean.std(axis=0, dtype=float)
    if z_log_var is None:
        order = np.argsort(-std, kind="stable")[:SHOWN_DIMENSIONS]
        low, high = mean - SPREAD * std, mean + SPREAD * std
        return [_dimension(i, None, std[i], low[i], high[i]) for i in order]
    kl = kl_per_dimension(z_mean, z_log_var)
    order = np.argsort(-kl, kind="stable")[:SHOWN_DIMENSIONS]
    # The prior of a VAE has a standard deviation of 1.
    return [_dimension(i, float(kl[i]), std[i], -SPREAD, SPREAD) for i in order]


def _dimension(
    index: int, kl: float | None, std: float | None, low: float, high: float
) -> dict[str, Any]:
    std = None if std is None else float(std)
    return {"index": int(index), "kl": kl, "std": std, "low": float(low), "high": float(high)}
