"""Arithmetic with points of a latent space: edits along a direction, and morphs of two points.

Source: D. Foster, Generative Deep Learning, 2nd ed., O'Reilly 2023, chapter 3.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def has_direction(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return whether the length of each vector, (…, latent_dim), is finite and not 0, bool (…)."""
    lengths = np.linalg.norm(vectors, axis=-1)
    return np.asarray(np.isfinite(lengths) & (lengths > 0))


def edit(
    z: NDArray[np.float32], vector: NDArray[np.float32], factors: Sequence[float]
) -> NDArray[np.float32]:
    """Return z + α · v̂ for each α, with v̂ the vector scaled to length 1.

    Args:
        z: a point, float32 (latent_dim,).
        vector: an attribute vector, float32 (latent_dim,), of any positive length.
        factors: values of α, in units of the latent space.

    Returns:
        float32 (len(factors), latent_dim).

    Raises:
        ValueError: the length of the vector is 0, NaN or infinite.
    """
    length = np.linalg.norm(vector)
    if not has_direction(vector):
        raise ValueError(f"a vector of length {length} has no direction")
    steps = np.asarray(factors, np.float32)[:, np.newaxis]
    return z + steps * (vector / length)


def morph(z_a: NDArray[np.float32], z_b: NDArray[np.float32], steps: int) -> NDArray[np.float32]:
    """Return z_A · (1 − α) + z_B · α for `steps` values of α, evenly spaced from 0 to 1.

    Args:
        z_a: first point, float32 (latent_dim,).
        z_b: last point, float32 (latent_dim,).
        steps: number of points, including both ends.

    Returns:
        float32 (steps, latent_dim).
    """
    alpha = np.linspace(0.0, 1.0, steps, dtype=np.float32)[:, np.newaxis]
    path: NDArray[np.float32] = z_a * (1.0 - alpha) + z_b * alpha
    return path
