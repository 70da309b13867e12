"""Peak signal-to-noise ratios of an autoencoder that removes noise from images."""

import math

import keras
import numpy as np
from numpy.typing import NDArray

from latent.models.inference import denoise

# Mean squared error of rounding to 8 bits: a twelfth of the squared step. Smaller errors do not
# show in 8-bit images.
ROUNDING_ERROR = (1 / 255) ** 2 / 12


def psnr(mean_squared_error: float) -> float:
    """Return the peak signal-to-noise ratio in dB, for pixels in [0, 1].

    −10 log₁₀ of the error, limited to 58.9 dB, the ratio of rounding to 8 bits.
    """
    return -10 * math.log10(max(mean_squared_error, ROUNDING_ERROR))


def denoising_metrics(
    encoder: keras.Model,
    decoder: keras.Model,
    images: NDArray[np.uint8],
    noise_std: float,
    seed: int,
) -> dict[str, float]:
    """Return how similar noisy and denoised images are to the original images.

    The errors are means over all pixels of all images. One batch is in memory at a time.

    Args:
        encoder: encoder of an autoencoder, from float32 images in [0, 1] to z.
        decoder: its decoder, from z to float32 images in [0, 1].
        images: uint8 (N, H, W, C), N > 0, an array or a memory map.
        noise_std: standard deviation of the noise, for pixels in [0, 1].
        seed: seed of the noise.

    Returns:
        Peak signal-to-noise ratios in dB, for a peak of 1. `psnr_noisy`: of the noisy images, which
        is −20 log₁₀ noise_std up to sampling error. `psnr_denoised`: of the reconstructions of the
        noisy images. `psnr_reconstructed`: of the reconstructions of the original images. It
        separates the remaining noise from details that the latent space cannot represent.
    """
    errors = np.zeros(3)
    start = 0
    batches = zip(
        denoise(encoder, decoder, images, noise_std, seed),
        denoise(encoder, decoder, images, 0.0, seed),
        strict=True,
    )
    for (noisy, denoised), (_, reconstructed) in batches:
        clean = images[start : start + len(noisy)] / 255
        errors += [
            np.square(compared - clean).sum()
            for compared in (noisy, denoised / 255, reconstructed / 255)
        ]
        start += len(noisy)
    names = ("noisy", "denoised", "reconstructed")
    return {
        f"psnr_{name}": psnr(error / images.size)
        for name, error in zip(names, errors.tolist(), strict=True)
    }
