"""Encoders, from images to the latent space, and decoders, from the latent space to images."""

import math
from collections.abc import Callable
from functools import partial

import keras
from keras import KerasTensor as Tensor
from keras import layers

from latent.errors import InputError
from latent.models.layers import Sampling, block, bounded
from latent.params import Architecture

KERNEL = 3
# Keras' dtype policies. "mixed_bfloat16" computes in bfloat16 and keeps the weights in float32.
POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
Shape = tuple[int, int, int]


def build_encoder(architecture: Architecture, image_shape: Shape) -> keras.Model:
    """Return the encoder of an autoencoder, which maps images to points (table 3-1).

    Args:
        architecture: its `filters`, `block`, `latent_dim` and `precision` are used.
        image_shape: H, W, C of the images.

    Returns:
        A model from float32 (N, H, W, C) in [0, 1] to z, float32 (N, latent_dim).

    Raises:
        InputError: the height or width cannot be halved once per block.
    """
    images = layers.Input(image_shape, name="images")
    features = _convolutions(images, architecture)
    z = layers.Dense(architecture.latent_dim, name="z")(features)
    return keras.Model(images, z, name="encoder")


def build_variational_encoder(
    architecture: Architecture, image_shape: Shape, seed: int
) -> keras.Model:
    """Return the encoder of a VAE, which maps images to normal distributions and samples of them.

    See table 3-4 (Fashion-MNIST) and table 3-5 (faces).

    Args:
        architecture: its `filters`, `block`, `latent_dim` and `precision` are used.
        image_shape: H, W, C of the images.
        seed: seed of the samples.

    Returns:
        A model from float32 (N, H, W, C) in [0, 1] to z_mean, z_log_var and z, each float32
        (N, latent_dim).

    Raises:
        InputError: the height or width cannot be halved once per block.
    """
    images = layers.Input(image_shape, name="images")
    features = _convolutions(images, architecture)
    z_mean = layers.Dense(architecture.latent_dim, name="z_mean")(features)
    z_log_var = layers.Dense(architecture.latent_dim, activation=bounded, name="z_log_var")(
        features
    )
    z = Sampling(seed, name="z")([z_mean, z_log_var])
    return keras.Model(images, [z_mean, z_log_var, z], name="encoder")


def build_decoder(architecture: Architecture, image_shape: Shape) -> keras.Model:
    """Return the decoder, which mirrors the encoder (tables 3-2 and 3-6).

    Args:
        architecture: all of its settings are used.
        image_shape: H, W, C of the images.

    Returns:
        A model from z, float32 (N, latent_dim), to float32 (N, H, W, C) in [0, 1].

    Raises:
        InputError: the height or width cannot be halved once per block.
    """
    smallest = smallest_shape(architecture, image_shape)
    policy = POLICIES[architecture.precision]
    z = layers.Input((architecture.latent_dim,), name="z")
    x = layers.Dense(math.prod(smallest), dtype=policy)(z)
    x = block(x, architecture.dense_block, dtype=policy)
    x = layers.Reshape(smallest, dtype=policy)(x)
    for filters in reversed(architecture.filters):
        convolution = _strided(layers.Conv2DTranspose, filters, policy)
        x = block(x, architecture.block, convolution, policy)
    output = layers.Conv2D if architecture.output == "conv" else layers.Conv2DTranspose
    images = output(
        image_shape[2], KERNEL, padding="same", activation="sigmoid", name="reconstructions"
    )(x)
    return keras.Model(z, images, name="decoder")


def smallest_shape(architecture: Architecture, image_shape: Shape) -> Shape:
    """Return the shape (H, W, C) after the last block of the encoder.

    Raises:
        InputError: the height or width is not a multiple of 2 to the power of the number of blocks.
    """
    height, width, _ = image_shape
    factor = 2 ** len(architecture.filters)
    if height % factor or width % factor:
        raise InputError(
            f"images of {height}×{width} pixels cannot be halved {len(architecture.filters)} times "
            f"(one per entry of filters): both sides must be multiples of {factor}"
        )
    return height // factor, width // factor, architecture.filters[-1]


def _convolutions(images: Tensor, architecture: Architecture) -> Tensor:
    """Apply the encoder's blocks to the images and flatten the result."""
    smallest_shape(architecture, images.shape[1:])
    policy = POLICIES[architecture.precision]
    x = images
    for filters in architecture.filters:
        x = block(x, architecture.block, _strided(layers.Conv2D, filters, policy), policy)
    return layers.Flatten(dtype=policy)(x)


def _strided(
    kind: Callable[..., layers.Layer], filters: int, policy: str
) -> Callable[..., layers.Layer]:
    """Return a constructor of convolutions that halve (Conv2D) or double (transposed) an image."""
    return partial(kind, filters, KERNEL, strides=2, padding="same", dtype=policy)
