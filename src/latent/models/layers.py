"""The layers of the encoders and decoders."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import KerasTensor as Tensor
from keras import layers, ops

LOG_VAR_BOUNDS = (-30.0, 20.0)


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


def block(
    x: Tensor,
    names: Sequence[str],
    convolution: Callable[[str | None], layers.Layer] | None = None,
) -> Tensor:
    """Apply the named layers to `x`, one after the other.

    A ReLU right behind a convolution is the convolution's own activation, as in tables 3-1 and 3-4.

    Args:
        x: the block's input.
        names: of "conv", "batch_norm", "relu", "leaky_relu".
        convolution: makes the block's convolution with the activation that it is given; a dense
            block has none.
    """
    for name, previous, following in zip(names, ["", *names], [*names[1:], ""], strict=False):
        match name:
            case "conv" if convolution:
                x = convolution("relu" if following == "relu" else None)(x)
            case "batch_norm":
                x = layers.BatchNormalization()(x)
            case "relu" if previous != "conv":
                x = layers.ReLU()(x)
            case "leaky_relu":
                x = layers.LeakyReLU()(x)
    return x
