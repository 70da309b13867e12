"""How many multiplications and additions a training cannot do without."""

import math

import keras
from keras import layers


def count_multiply_adds(encoder: keras.Model, decoder: keras.Model) -> int:
    """Return the multiply-adds of one step on one image, forward and backward.

    Counted are convolutions and dense layers, padding included as if it were image. The way back
    takes as many again for the gradients of the weights, and as many for those of the inputs; the
    images need none. A `VAE` and an `Autoencoder` train both networks in each step.
    """
    forward = [_of_layer(layer) for model in (encoder, decoder) for layer in model.layers]
    first = next(count for count in forward if count)
    return 3 * sum(forward) - first


def _of_layer(layer: layers.Layer) -> int:
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
