"""One way to train both kinds of model, the same bits every time."""

import math
import sys
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from latent.models.feeding import feed
from latent.models.finite_loss import StopOnNonFiniteLoss
from latent.models.layers import Sampling
from latent.params import TrainAE
from latent.training.checkpoints import Checkpoints
from latent.training.image_model import ImageModel, may_keep
from latent.training.progress import Progress

# Pixel values that the backend trains on in one call from Python. With fewer, the calls take a part
# of a small model's time; with more, Ctrl-C, which waits for the end of a call, comes late.
VALUES_PER_CALL = 2**20
# The noise of held-out images: an epoch that no training reaches.
HELD_OUT_EPOCH = 4095


class Batches(keras.utils.PyDataset):
    """Batches of uint8 images, in an order that is a function of the seed and the epoch.

    Args:
        images: uint8 (N, H, W, C), an array or a memory map; or their int32 row numbers in a model
            that keeps them, (N,).
        batch_size: images per batch; the last one may be shorter.
        seed: of the order; None keeps the images' own.
    """

    def __init__(self, images: NDArray[Any], batch_size: int, seed: int | None = None) -> None:
        super().__init__()
        self.images = images
        self.batch_size = batch_size
        self.seed = seed
        self.start(0)

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[Any]]:
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
        # A VAE's noise is a layer of its encoder, a denoising autoencoder's one of its own.
        for layer in [*self.model.layers, *self.model.encoder.layers]:
            if isinstance(layer, Sampling):
                layer.restart(epoch)


def train(
    model: ImageModel,
    train_images: NDArray[np.uint8],
    test_images: NDArray[np.uint8],
    params: TrainAE,
    progress: Progress,
    checkpoints: Checkpoints,
) -> None:
    """Train `model` with Adam, and measure it on the held-out images after each epoch.

    Args:
        model: an `Autoencoder` or a `VAE`, not compiled.
        train_images: uint8 (N, H, W, C).
        test_images: uint8 (M, H, W, C), held out.
        params: learning rate, batch size, epochs and seed.
        progress: is given a row per epoch; the losses are means over all images of a split.
        checkpoints: where the training goes on if it was killed.

    Raises:
        InputError: a loss is infinite or no number.
    """
    values = params.batch_size * math.prod(train_images.shape[1:])
    model.compile(
        optimizer=keras.optimizers.Adam(params.learning_rate),
        steps_per_execution=max(1, VALUES_PER_CALL // values),
    )
    images: NDArray[Any] = train_images
    held_out: NDArray[Any] = test_images
    if may_keep(train_images, test_images):
        model.keep(train_images, test_images)
        rows = np.arange(len(train_images) + len(test_images), dtype=np.int32)
        images, held_out = np.split(rows, [len(train_images)])
    model(images[:1])  # which builds it, as a checkpoint needs it
    batches = Batches(images, params.batch_size, params.seed)
    model.fit(
        feed(batches),
        validation_data=feed(Batches(held_out, params.batch_size)),
        initial_epoch=checkpoints.restore(model),
        epochs=params.epochs,
        # The batches come in the epoch's order already; Keras would mix them once more.
        shuffle=False,
        # In the order in which they hear of an epoch's end: nothing of a broken one is kept, and
        # a checkpoint holds all that the others did.
        callbacks=[StartEpoch(batches), StopOnNonFiniteLoss(), progress, checkpoints],
        verbose=1 if sys.stdout.isatty() else 2,
    )
