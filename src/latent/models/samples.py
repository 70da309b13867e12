"""What the same few points decode to after each epoch."""

import keras
import numpy as np
from numpy.typing import NDArray

from latent.models.inference import decode


class KeepSamples(keras.callbacks.Callback):
    """Decodes the same points after each epoch, so that one can watch the model learn.

    Args:
        z: points of the latent space, float32 (N, latent_dim).

    Attributes:
        epochs: for each epoch that ended, uint8 (N, H, W, C).
    """

    def __init__(self, z: NDArray[np.float32]) -> None:
        super().__init__()
        self.z = z
        self.epochs: list[NDArray[np.uint8]] = []

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Decode the points as the model stands."""
        self.epochs.append(decode(self.model.decoder, self.z))
