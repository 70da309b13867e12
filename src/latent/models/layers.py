"""Layers of the encoders and decoders."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import KerasTensor as Tensor
from keras import layers, ops

LOG_VAR_BOUNDS = (-30.0, 20.0)
# Share of the moving averages that batch normalisation keeps in each step. With Keras' default of
# 0.99, the few hundred steps of a small dataset leave a considerable part of the initial values
# 0 and 1 in the averages.
MOMENTUM = 0.9


def scale(images: Tensor) -> Tensor:
    """Return uint8 pixels, 0 to 255, as float32 in [0, 1] (example 3-2)."""
    return ops.cast(images, "float32") / 255.0


@keras.saving.register_keras_serializable("latent")
def bounded(z_log_var: Tensor) -> Tensor:
    """Clip z_log_var to `LOG_VAR_BOUNDS`, which trained models do not reach.

    The bounds correspond to standard deviations of e^−15 and e^10. Between them the function
    returns its input unchanged, to the last bit. It keeps exp(z_log_var) finite.
    """
    return ops.clip(z_log_var, *LOG_VAR_BOUNDS)


@keras.saving.register_keras_serializable("latent")
class Sampling(layers.Layer):
    """Samples z from N(z_mean, exp(z_log_var)); gradients flow to both inputs.

    z = z_mean + exp(z_log_var / 2) · ε with ε ~ N(0, I). This is the reparameterisation of Kingma &
    Welling, arXiv:1312.6114, section 2.4. The layer has its own random generator, which `restart`
    sets to a defined state.

    Args:
        seed: seed of ε.
    """

    def __init__(self, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self.seed = seed
        self.noise = keras.random.SeedGenerator(seed)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Return z, float32 (N, latent_dim), for z_mean and z_log_var of the same shape."""
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(ops.shape(z_mean), seed=self.noise)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon

    def restart(self, epoch: int) -> None:
        """Set the generator to a state that depends only on the layer's seed and `epoch`."""
        # Keras adds 1 to the second number in each call: 2**20 calls per epoch do not overlap.
        self.noise.state.assign([self.seed, epoch << 20])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, for serialisation."""
        return {**super().get_config(), "seed": self.seed}


@keras.saving.register_keras_serializable("latent")
class BatchNormalization(layers.BatchNormalization):
    """Keras' layer, with TensorFlow's fused kernel for images in training.

    In training, Keras composes batch normalisation of about ten operations, each of which reads and
    writes all activations. Other backends fuse these operations themselves.

    Args:
        momentum: share of the moving averages that is kept in each step.
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
        import tensorflow as tf  # noqa: PLC0415, may be missing with another backend

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        # The kernel returns Σ(x − mean)² / (count − 1). Keras averages Σ(x − mean)² / count.
        count = ops.cast(ops.prod(ops.shape(inputs)[:-1]), variance.dtype)
        self._update_average(self.moving_mean, mean)
        self._update_average(self.moving_variance, variance * (count - 1.0) / count)
        return outputs

    def _update_average(self, average: keras.Variable, value: Tensor) -> None:
        average.assign(average * self.momentum + value * (1.0 - self.momentum))


def block(
    x: Tensor,
    names: Sequence[str],
    convolution: Callable[..., layers.Layer] | None = None,
    dtype: str = "float32",
) -> Tensor:
    """Apply the named layers to `x`, in order.

    A ReLU directly after a convolution becomes the activation of the convolution, as in tables 3-1
    and 3-4.

    Args:
        x: input of the block.
        names: names of layers: "conv", "batch_norm", "relu", "leaky_relu".
        convolution: returns the block's convolution for the keyword argument `activation`, "relu"
            or None. A dense block has no convolution.
        dtype: Keras' dtype policy of the other layers.
    """
    for name, previous, following in zip(names, ["", *names], [*names[1:], ""], strict=False):
        match name:
            case "conv" if convolution:
                x = convolution(activation="relu" if following == "relu" else None)(x)
            case "batch_norm":
                x = BatchNormalization(dtype=dtype)(x)
            case "relu" if previous != "conv":
                x = layers.ReLU(dtype=dtype)(x)
            case "leaky_relu":
                x = layers.LeakyReLU(dtype=dtype)(x)
    return x
