"""Embeddings: reading them, choosing a random subset, and sampling from posteriors."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import Split, read_array

CHUNK = 8192  # rows per step: bounds the memory for any number of images


def read_points(path: Path, split: Split) -> NDArray[np.float32]:
    """Return the embeddings in an npy file, float32 (N, latent_dim), mapped from disk.

    Args:
        path: npy file.
        split: the N images that were embedded.

    Raises:
        InputError: the file is missing or damaged, contains NaN or infinite values, or its number
            of rows differs from the number of images.
    """
    points: NDArray[np.float32] = read_array(path)
    if len(points) != len(split.images):
        raise InputError(f"{path}: {len(points)} embeddings for {len(split.images)} images")
    # What is read through a memory map stays in memory until the map is closed, so each chunk has
    # its own map.
    chunks = (read_array(path)[start : start + CHUNK] for start in range(0, len(points), CHUNK))
    if not all(np.isfinite(chunk).all() for chunk in chunks):
        raise InputError(f"{path}: contains NaN or infinite values, so the training failed")
    return points


def some_rows(total: int, count: int, seed: int) -> NDArray[np.intp]:
    """Return a random subset of row numbers, in increasing order.

    The first rows would not represent all images: user-supplied images may be sorted by class.

    Args:
        total: number of rows to choose from.
        count: number of rows to choose; all rows if there are fewer.
        seed: seed of the choice.
    """
    if count >= total:
        return np.arange(total)
    return np.sort(np.random.default_rng(seed).choice(total, count, replace=False))


def sample_posteriors(
    z_mean: NDArray[np.float32], z_log_var: NDArray[np.float32], seed: int
) -> NDArray[np.float32]:
    """Sample a point from the posterior N(z_mean, exp(z_log_var)) of each image.

    These points, and not z_mean, follow N(0, I) if the aggregated posterior equals the prior.

    Args:
        z_mean: float32 (N, latent_dim).
        z_log_var: same shape.
        seed: seed of the points.

    Returns:
        float32 (N, latent_dim).
    """
    # The second number of the seed separates this random stream from that of `sample_prior`. With
    # the same stream, the embeddings of a collapsed VAE would equal the points of the prior.
    generator = np.random.default_rng([seed, 1])
    noise = generator.standard_normal(z_mean.shape, dtype=np.float32)
    z: NDArray[np.float32] = z_mean + np.exp(np.float32(0.5) * z_log_var) * noise
    return z
