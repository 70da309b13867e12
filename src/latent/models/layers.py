"""The layers of the encoders and decoders."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import KerasTensor as Tensor
from keras import layers, ops

LOG_VAR_BOUNDS = (-30.0, 20.0)
# Of the averages that batch normalisation goes by after training. Those of Keras' 0.99 still hold,
# after the few hundred steps of a small data set, a good part of the 0 and 1 that they began with.
MOMENTUM = 0.9


def scale(images: Tensor) -> Tensor:
    """Return uint8 pixels, 0 to 255, as float32 in [0, 1] (example 3-2)."""
    return ops.cast(images, "float32") / 255.0


@keras.saving.register_keras_serializable("latent")
def bounded(z_log_var: Tensor) -> Tensor:
    """Return z_log_var within bounds that no trained model comes near.

    Between them, standard deviations of e^−15 and e^10, it is the identity to the last bit. Beyond,
    exp(z_log_var) would soon be infinite.
    """
    return ops.clip(z_log_var, *LOG_VAR_BOUNDS)


@keras.saving.register_keras_serializable("latent")
class Sampling(layers.Layer):
    """Draws z from N(z_mean, exp(z_log_var)) so that gradients reach both.

    z = z_mean + exp(z_log_var / 2) · ε, ε ~ N(0, I): the reparameterisation of Kingma & Welling,
    arXiv:1312.6114, section 2.4. Its random numbers come from a generator of its own, which
    `restart` puts at a known place.

    Args:
        seed: seed of ε.
    """

    def __init__(self, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self.seed = seed
        self.noise = keras.random.SeedGenerator(seed)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Return z, float32 (N, latent_dim), for z_mean and z_log_var of that shape."""
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(ops.shape(z_mean), seed=self.noise)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon

    def restart(self, epoch: int) -> None:
        """Let the noise be a function of the layer's seed and `epoch` from here on."""
        self.noise.state.assign([self.seed, epoch << 20])

    def get_config(self) -> dict[str, Any]:
        """Return what a copy of the layer is built from."""
        return {**super().get_config(), "seed": self.seed}


@keras.saving.register_keras_serializable("latent")
class BatchNormalization(layers.BatchNormalization):
    """Keras' layer; on TensorFlow, images are normalised by one kernel in training.

    Keras composes that step of some ten operations, each of which reads and writes all activations.
    Other backends compile them into one by themselves.

    Args:
        momentum: how much of a moving average stays in a step.
    """

    def __init__(self, momentum: float = MOMENTUM, **options: Any) -> None:
        super().__init__(momentum=momentum, **options)

    def call(
        self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """Return the normalised inputs, of the same shape and dtype."""
        fused = training and self.trainable and len(inputs.shape) == 4
        if not fused or keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf  # noqa: PLC0415, another backend may have none

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        # The kernel tells the variance of the population that the batch is a sample of; Keras keeps
        # the batch's own.
        count = ops.cast(ops.prod(ops.shape(inputs)[:-1]), variance.dtype)
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance * (count - 1.0) / count)
        return outputs

    def _move(self, average: keras.Variable, value: Tensor) -> None:
        average.assign(average * self.momentum + value * (1.0 - self.momentum))


def block(
    x: Tensor,
    names: Sequence[str],
    convolution: Callable[[str | None], layers.Layer] | None = None,
    dtype: str = "float32",
) -> Tensor:
    """Apply the named layers to `x`, one after the other.

    A ReLU right behind a convolution is the convolution's own activation, as in tables 3-1 and 3-4.

    Args:
        x: the block's input.
        names: of "conv", "batch_norm", "relu", "leaky_relu".
        convolution: makes the block's convolution with the activation that it is given; a dense
            block has none.
        dtype: Keras' dtype policy of the other layers.
    """
    for name, previous, following in zip(names, ["", *names], [*names[1:], ""], strict=False):
        match name:
            case "conv" if convolution:
                x = convolution("relu" if following == "relu" else None)(x)
            case "batch_norm":
                x = BatchNormalization(dtype=dtype)(x)
            case "relu" if previous != "conv":
                x = layers.ReLU(dtype=dtype)(x)
            case "leaky_relu":
                x = layers.LeakyReLU(dtype=dtype)(x)
    return x
