"""Sampling of points from a latent space, from which new images are decoded."""

import numpy as np
from numpy.typing import NDArray


def sample_prior(count: int, latent_dim: int, seed: int) -> NDArray[np.float32]:
    """Sample points from the prior N(0, I), float32 (count, latent_dim).

    The prior suits a VAE, because the KL loss moves the posteriors towards it.
    """
    generator = np.random.default_rng(seed)
    return generator.standard_normal((count, latent_dim), dtype=np.float32)


def sample_bounding_box(
    embeddings: NDArray[np.float32], count: int, seed: int
) -> NDArray[np.float32]:
    """Sample points uniformly from the bounding box of the embeddings.

    The box suits an autoencoder, whose latent space has no prior.

    Args:
        embeddings: float32 (N, latent_dim).
        count: number of points.
        seed: seed of the points.

    Returns:
        float32 (count, latent_dim).
    """
    generator = np.random.default_rng(seed)
    low, high = embeddings.min(axis=0), embeddings.max(axis=0)
    return generator.uniform(low, high, (count, embeddings.shape[1])).astype(np.float32)
