"""Trained encoders and decoders on arrays of any length."""

from collections.abc import Iterator

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

BATCH_SIZE = 256


def encode(
    encoder: keras.Model, images: NDArray[np.uint8], batch_size: int = BATCH_SIZE
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield, batch by batch, what the encoder says of the images.

    Args:
        encoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), an array or a memory map.
        batch_size: images per batch.

    Yields:
        [z] of an autoencoder, [z_mean, z_log_var, z] of a VAE, each float32 (n, latent_dim).
    """
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size].astype(np.float32) / np.float32(255)
        outputs = encoder.predict_on_batch(batch)
        yield outputs if isinstance(outputs, list) else [outputs]


def decode(decoder: keras.Model, z: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the decoder's images of points z, (N, latent_dim), as uint8 (N, H, W, C)."""
    # Called as a function: to decode a few points, predict's graph would not pay for itself.
    batches = [
        ops.convert_to_numpy(decoder(z[start : start + BATCH_SIZE], training=False))
        for start in range(0, len(z), BATCH_SIZE)
    ]
    return np.rint(np.concatenate(batches) * 255).astype(np.uint8)


def denoise(
    encoder: keras.Model,
    decoder: keras.Model,
    images: NDArray[np.uint8],
    noise_std: float,
    seed: int,
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.uint8]]]:
    """Yield, batch by batch, images with Gaussian noise and what an autoencoder makes of them.

    Args:
        encoder: of an autoencoder, from `latent.models.networks`.
        decoder: of the same.
        images: uint8 (N, H, W, C), an array or a memory map.
        noise_std: standard deviation of the noise, of pixels in [0, 1].
        seed: of the noise.

    Yields:
        The noisy images, float32 (n, H, W, C), not clipped, as in training; and their
        reconstructions, uint8 of that shape.
    """
    generator = np.random.default_rng(seed)
    for start in range(0, len(images), BATCH_SIZE):
        clean = images[start : start + BATCH_SIZE].astype(np.float32) / np.float32(255)
        noise = generator.standard_normal(clean.shape, np.float32)
        noisy = clean + np.float32(noise_std) * noise
        yield noisy, decode(decoder, encoder.predict_on_batch(noisy))
