"""Counts the multiply-adds of a training step."""

import math

import keras
from keras import layers


def count_multiply_adds(encoder: keras.Model, decoder: keras.Model) -> int:
    """Return the multiply-adds of one training step per image, forward and backward.

    Convolutions and dense layers are counted, including the padding. The backward pass needs the
    same number again for the gradients of the weights, and the same number for the gradients of the
    inputs. The first layer needs no gradients of its inputs, the images. A `VAE` and an
    `Autoencoder` train both networks in each step.
    """
    forward = [_count_layer(layer) for model in (encoder, decoder) for layer in model.layers]
    first = next(count for count in forward if count)
    return 3 * sum(forward) - first


def _count_layer(layer: layers.Layer) -> int:
    match layer:
        case layers.Conv2D():
            positions = math.prod(layer.output.shape[1:3])
        case layers.Conv2DTranspose():
            positions = math.prod(layer.input.shape[1:3])
        case layers.Dense():
            positions = 1
        case _:
            return 0
    return positions * math.prod(layer.kernel.shape)
