"""How much of an image's noise an autoencoder takes off."""

import math

import keras
import numpy as np
from numpy.typing import NDArray

from latent.models.inference import denoise

# Mean squared error of rounding to 8 bits: a twelfth of the square of a step. What is closer than
# that cannot be told from the image itself.
ROUNDING = (1 / 255) ** 2 / 12


def psnr(mean_squared_error: float) -> float:
    """Return the peak signal-to-noise ratio in dB, for pixels in [0, 1]: −10 log₁₀ of the error.

    It ends at 58.9 dB, the error of rounding to 8 bits, in place of infinity.
    """
    return -10 * math.log10(max(mean_squared_error, ROUNDING))


def denoising_metrics(
    encoder: keras.Model,
    decoder: keras.Model,
    images: NDArray[np.uint8],
    noise_std: float,
    seed: int,
) -> dict[str, float]:
    """Return how close images are to themselves with noise, and when the noise is taken off again.

    A batch is in memory at a time. The errors are means over all pixels of all images.

    Args:
        encoder: of an autoencoder, from float32 images in [0, 1] to z.
        decoder: from z to float32 images in [0, 1].
        images: uint8 (N, H, W, C), at least one; an array or a memory map.
        noise_std: standard deviation of the noise, of pixels in [0, 1].
        seed: of the noise.

    Returns:
        In dB against a peak of 1: `psnr_noisy` of the noisy images, −20 log₁₀ noise_std
        but for chance; `psnr_denoised` of what the autoencoder makes of them; and
        `psnr_reconstructed` of what it makes of the images without noise, to tell what is
        left of the noise from what a small latent space cannot hold anyway.
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
            np.square(found - clean).sum() for found in (noisy, denoised / 255, reconstructed / 255)
        ]
        start += len(noisy)
    names = ("noisy", "denoised", "reconstructed")
    return {
        f"psnr_{name}": psnr(error / images.size)
        for name, error in zip(names, errors.tolist(), strict=True)
    }
