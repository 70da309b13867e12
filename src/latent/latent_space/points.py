"""Embeddings: read and checked, chosen from, and drawn."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import Split, read_array

CHUNK = 8192  # rows per step: bounds the memory, whatever the number of images


def read_points(path: Path, split: Split) -> NDArray[np.float32]:
    """Return the embeddings in an npy file, float32 (N, latent_dim), mapped from disk.

    Args:
        path: of the npy file.
        split: the N images that were embedded.

    Raises:
        InputError: the file is missing or damaged, has another number of rows than the split, or
            holds a value that is not finite.
    """
    points: NDArray[np.float32] = read_array(path)
    if len(points) != len(split.images):
        raise InputError(f"{path}: {len(points)} embeddings of {len(split.images)} images")
    # Each through a map of its own: what is read through one stays in memory as long as it is open.
    chunks = (read_array(path)[start : start + CHUNK] for start in range(0, len(points), CHUNK))
    if not all(np.isfinite(chunk).all() for chunk in chunks):
        raise InputError(f"{path}: holds values that are not finite, so its model did not learn")
    return points


def some_rows(total: int, count: int, seed: int) -> NDArray[np.intp]:
    """Return the numbers of at most `count` of `total` rows, in rising order, drawn by the seed.

    Not the first ones: people's own images may lie in the order of their classes.
    """
    if count >= total:
        return np.arange(total)
    return np.sort(np.random.default_rng(seed).choice(total, count, replace=False))


def sample_posteriors(
    z_mean: NDArray[np.float32], z_log_var: NDArray[np.float32], seed: int
) -> NDArray[np.float32]:
    """Return a point drawn from each image's N(z_mean, exp z_log_var), float32 (N, latent_dim).

    It is these points, not the z_mean, that follow N(0, 1) where the KL term has done its work.
    """
    # A stream of its own: with the seed alone these would be the very numbers of `sample_prior`, so
    # that of a collapsed VAE each point of the prior would coincide with an embedding.
    generator = np.random.default_rng([seed, 1])
    noise = generator.standard_normal(z_mean.shape, dtype=np.float32)
    z: NDArray[np.float32] = z_mean + np.exp(np.float32(0.5) * z_log_var) * noise
    return z
