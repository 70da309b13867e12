"""Records the losses and sample images of each epoch."""

from collections.abc import Callable, Mapping

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.models.inference import decode

Row = dict[str, float]
Images = NDArray[np.uint8]
Listener = Callable[[list[Row], list[Images]], object]


class Progress(keras.callbacks.Callback):
    """Records for each epoch its losses and the images that the decoder makes of fixed points.

    Args:
        z: points of the latent space, float32 (n, latent_dim).
        listener: called after each epoch with copies of the lists `rows` and `samples`.

    Attributes:
        rows: a row per epoch with its number from 1 as `epoch` and the mean losses over all images
            of a split: `train/loss`, …, `test/loss`, ….
        samples: the decoded points of each epoch, uint8 (n, H, W, C).
    """

    def __init__(self, z: NDArray[np.float32], listener: Listener) -> None:
        super().__init__()
        self.z = z
        self.listener = listener
        self.rows: list[Row] = []
        self.samples: list[Images] = []

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Record the losses of the epoch, decode the points and call the listener."""
        losses = {history_name(name): float(value) for name, value in (logs or {}).items()}
        self.rows.append({"epoch": epoch + 1, **losses})
        self.samples.append(decode(self.model.decoder, self.z))
        self.listener(list(self.rows), list(self.samples))

    def history(self) -> pd.DataFrame:
        """Return `rows` as a table: `epoch` as int64, the losses as float64."""
        return pd.DataFrame(self.rows).astype({"epoch": np.int64})


def history_name(name: str) -> str:
    """Return the column of the history for a loss of Keras: "test/loss" for "val_loss"."""
    return f"test/{name.removeprefix('val_')}" if name.startswith("val_") else f"train/{name}"
