"""One way to train both kinds of model, the same bits every time."""

import math
import sys
from collections.abc import Sequence

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.models.layers import Sampling
from latent.params import TrainAE

# The noise of held-out images: an epoch that no training reaches.
HELD_OUT_EPOCH = 4095


class Batches(keras.utils.PyDataset):
    """Batches of uint8 images, in an order that is a function of the seed and the epoch.

    Args:
        images: uint8 (N, H, W, C), an array or a memory map.
        batch_size: images per batch; the last one may be shorter.
        seed: of the order; None keeps the images' own.
    """

    def __init__(self, images: NDArray[np.uint8], batch_size: int, seed: int | None = None) -> None:
        super().__init__()
        self.images = images
        self.batch_size = batch_size
        self.seed = seed
        self.start(0)

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8]]:
        """Return batch number `index` of this epoch, alone in a tuple, as there are no targets."""
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return (self.images[rows if self.order is None else self.order[rows]],)

    def start(self, epoch: int) -> None:
        """Take up the order of an epoch, which counts from 0."""
        self.order = None
        if self.seed is not None:
            generator = np.random.default_rng([self.seed, epoch])
            self.order = generator.permutation(len(self.images))


class StartEpoch(keras.callbacks.Callback):
    """Makes the order of the images and the noise functions of the epoch's number.

    Keras tells a data set of the end of an epoch, and does so once more before the first: what an
    epoch begins with is set when it begins. Held-out images always meet the same noise.

    Args:
        batches: the images that are trained on.
    """

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Start the epoch's training."""
        self.batches.start(epoch)
        self._restart_noise(epoch)

    def on_test_begin(self, logs: object = None) -> None:
        """Start on the held-out images."""
        self._restart_noise(HELD_OUT_EPOCH)

    def _restart_noise(self, epoch: int) -> None:
        for layer in self.model.encoder.layers:
            if isinstance(layer, Sampling):
                layer.restart(epoch)


def train(
    model: keras.Model,
    train_images: NDArray[np.uint8],
    test_images: NDArray[np.uint8],
    params: TrainAE,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> pd.DataFrame:
    """Train `model` with Adam, and measure it on the held-out images after each epoch.

    Args:
        model: an `Autoencoder` or a `VAE`, not compiled.
        train_images: uint8 (N, H, W, C).
        test_images: uint8 (M, H, W, C), held out.
        params: learning rate, batch size, epochs and seed.
        callbacks: what else is to be told of each epoch; they get the history's names.

    Returns:
        The history, a row per epoch: `epoch` from 1, then float64 columns `train/loss`,
        `train/reconstruction_loss`, …, `test/loss`, …, means over all images of the split.
    """
    model.compile(optimizer=keras.optimizers.Adam(params.learning_rate))
    batches = Batches(train_images, params.batch_size, params.seed)
    history = model.fit(
        batches,
        validation_data=Batches(test_images, params.batch_size),
        epochs=params.epochs,
        # The batches come in the epoch's order already; Keras would mix them once more.
        shuffle=False,
        callbacks=[StartEpoch(batches), *callbacks],
        verbose=1 if sys.stdout.isatty() else 2,
    )
    columns = {history_name(name): values for name, values in history.history.items()}
    frame = pd.DataFrame(columns, dtype=np.float64)
    frame.insert(0, "epoch", range(1, len(frame) + 1))
    return frame


def history_name(name: str) -> str:
    """Return the history's name of what Keras calls `name`: val_loss is test/loss."""
    return f"test/{name.removeprefix('val_')}" if name.startswith("val_") else f"train/{name}"
