"""Encoders and decoders, from images to a latent space and back."""

import math
from collections.abc import Callable

import keras
from keras import KerasTensor as Tensor
from keras import layers

from latent.errors import InputError
from latent.models.layers import Sampling, block, bounded
from latent.params import Architecture

KERNEL = 3
# Keras' policies: bfloat16 for what is computed, float32 for what is learnt.
POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
Shape = tuple[int, int, int]


def build_encoder(architecture: Architecture, image_shape: Shape) -> keras.Model:
    """Return the encoder of an autoencoder: images to points (table 3-1).

    Args:
        architecture: filters, block and latent_dim.
        image_shape: H, W, C of the images.

    Returns:
        A model from float32 (N, H, W, C) in [0, 1] to z, float32 (N, latent_dim).

    Raises:
        InputError: the blocks cannot halve images of that shape.
    """
    images = layers.Input(image_shape, name="images")
    features = _convolutions(images, architecture)
    z = layers.Dense(architecture.latent_dim, name="z")(features)
    return keras.Model(images, z, name="encoder")


def build_variational_encoder(
    architecture: Architecture, image_shape: Shape, seed: int
) -> keras.Model:
    """Return the encoder of a VAE: images to distributions, and a point of each (3-4, 3-5).

    Args:
        architecture: filters, block and latent_dim.
        image_shape: H, W, C of the images.
        seed: seed of the points.

    Returns:
        A model from float32 (N, H, W, C) in [0, 1] to z_mean, z_log_var and z, each float32
        (N, latent_dim).

    Raises:
        InputError: the blocks cannot halve images of that shape.
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
    """Return the decoder, the encoder's mirror image (tables 3-2 and 3-6).

    Args:
        architecture: all of it.
        image_shape: H, W, C of the images.

    Returns:
        A model from z, float32 (N, latent_dim), to float32 (N, H, W, C) in [0, 1].

    Raises:
        InputError: the blocks cannot double up to images of that shape.
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
    """Return H, W, C behind the encoder's last block.

    Raises:
        InputError: height or width is no multiple of two to the number of blocks.
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
    smallest_shape(architecture, images.shape[1:])
    policy = POLICIES[architecture.precision]
    x = images
    for filters in architecture.filters:
        x = block(x, architecture.block, _strided(layers.Conv2D, filters, policy), policy)
    return layers.Flatten(dtype=policy)(x)


def _strided(
    kind: type[layers.Layer], filters: int, policy: str
) -> Callable[[str | None], layers.Layer]:
    def make(activation: str | None) -> layers.Layer:
        # Stride 2 halves an image on its way in, and doubles it on its way out.
        return kind(filters, KERNEL, strides=2, padding="same", activation=activation, dtype=policy)

    return make
