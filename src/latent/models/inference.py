"""Applies trained encoders and decoders to arrays of any length."""

from collections.abc import Iterator

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

BATCH_SIZE = 256


def encode(
    encoder: keras.Model,
    images: NDArray[np.uint8],
    batch_size: int = BATCH_SIZE,
    *,
    traced: bool = True,
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the encoder's outputs, batch by batch.

    Args:
        encoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), an array or a memory map.
        batch_size: images per batch.
        traced: use a graph, which is traced for each model and size of a batch. False is faster for
            a few images.

    Yields:
        [z] for an autoencoder, [z_mean, z_log_var, z] for a VAE, each float32 (n, latent_dim).
    """
    for batch in _scaled_batches(images, batch_size):
        outputs = encoder.predict_on_batch(batch) if traced else encoder(batch, training=False)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        yield [ops.convert_to_numpy(output) for output in outputs]


def decode(decoder: keras.Model, z: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the decoder's images of points z, (N, latent_dim), as uint8 (N, H, W, C)."""
    # A direct call needs no graph. For a few points, tracing predict's graph would take longer.
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
    """Yield images with Gaussian noise and their reconstructions, batch by batch.

    Args:
        encoder: encoder of an autoencoder, from `latent.models.networks`.
        decoder: decoder of the same autoencoder.
        images: uint8 (N, H, W, C), an array or a memory map.
        noise_std: standard deviation of the noise, for pixels in [0, 1].
        seed: seed of the noise.

    Yields:
        The noisy images, float32 (n, H, W, C), not clipped, as in training; and their
        reconstructions, uint8 of the same shape.
    """
    generator = np.random.default_rng(seed)
    for batch in _scaled_batches(images, BATCH_SIZE):
        noisy = batch + np.float32(noise_std) * generator.standard_normal(batch.shape, np.float32)
        yield noisy, decode(decoder, encoder.predict_on_batch(noisy))


def _scaled_batches(images: NDArray[np.uint8], batch_size: int) -> Iterator[NDArray[np.float32]]:
    """Yield batches of uint8 images as float32 in [0, 1]."""
    for start in range(0, len(images), batch_size):
        yield images[start : start + batch_size].astype(np.float32) / np.float32(255)
