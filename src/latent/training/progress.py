"""What a training has to show so far."""

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
    """Keeps, of each epoch that ended, its losses and what the same few points decode to.

    Args:
        z: points of the latent space, float32 (n, latent_dim).
        tell: called after each epoch with `rows` and `samples`, in lists of their own.

    Attributes:
        rows: for each epoch its number, from 1, as `epoch`, and the means over all images:
            `train/loss`, …, `test/loss`, ….
        samples: for each epoch the decoded points, uint8 (n, H, W, C).
    """

    def __init__(self, z: NDArray[np.float32], tell: Listener) -> None:
        super().__init__()
        self.z = z
        self.tell = tell
        self.rows: list[Row] = []
        self.samples: list[Images] = []

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Keep the epoch's losses, and decode the points as the model stands."""
        losses = {history_name(name): float(value) for name, value in (logs or {}).items()}
        self.rows.append({"epoch": epoch + 1, **losses})
        self.samples.append(decode(self.model.decoder, self.z))
        self.tell(list(self.rows), list(self.samples))

    def history(self) -> pd.DataFrame:
        """Return `rows` as a table: `epoch`, then float64 columns."""
        return pd.DataFrame(self.rows).astype({"epoch": np.int64})


def history_name(name: str) -> str:
    """Return the history's name of what Keras calls `name`: val_loss is test/loss."""
    return f"test/{name.removeprefix('val_')}" if name.startswith("val_") else f"train/{name}"
