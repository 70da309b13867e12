"""Points of a latent space that no image led to."""

import numpy as np
from numpy.typing import NDArray


def sample_prior(count: int, latent_dim: int, seed: int) -> NDArray[np.float32]:
    """Return `count` points drawn from N(0, I), float32 (count, latent_dim).

    The way of a VAE: training pulls the embeddings towards this distribution.
    """
    generator = np.random.default_rng(seed)
    return generator.standard_normal((count, latent_dim), dtype=np.float32)


def sample_bounding_box(
    embeddings: NDArray[np.float32], count: int, seed: int
) -> NDArray[np.float32]:
    """Return points drawn uniformly from the smallest box around the embeddings.

    The way of a plain autoencoder, whose space has no distribution to draw from.

    Args:
        embeddings: float32 (N, latent_dim).
        count: how many points.
        seed: of the draw.

    Returns:
        float32 (count, latent_dim).
    """
    generator = np.random.default_rng(seed)
    low, high = embeddings.min(axis=0), embeddings.max(axis=0)
    return generator.uniform(low, high, (count, embeddings.shape[1])).astype(np.float32)
