"""The KL divergence of the posteriors from the prior N(0, 1), per latent dimension."""

import numpy as np
from numpy.typing import NDArray

CHUNK = 8192  # rows per step: bounds the memory for any number of images


def kl_per_dimension(
    z_mean: NDArray[np.float32], z_log_var: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return D_KL(N(μ, σ²) ‖ N(0, 1)) of each dimension in nats, as a mean over the images.

    −½ (1 + log σ² − μ² − σ²) per dimension: Kingma & Welling, arXiv:1312.6114, appendix B. The sum
    over the dimensions is the KL loss. A dimension with a value near 0 has no information about the
    image: its posterior is N(0, 1) for every image.

    Args:
        z_mean: μ, float32 (N, latent_dim), N > 0, an array or a memory map.
        z_log_var: log σ², same shape.

    Returns:
        float64 (latent_dim,), not negative.
    """
    total = np.zeros(z_mean.shape[1])
    for start in range(0, len(z_mean), CHUNK):
        mean = z_mean[start : start + CHUNK].astype(np.float64)
        log_var = z_log_var[start : start + CHUNK].astype(np.float64)
        # If σ² is close to 1, exp(log σ²) − 1 loses its digits and the sum may be negative.
        total += 0.5 * (mean**2 + np.expm1(log_var) - log_var).sum(axis=0)
    return total / len(z_mean)
