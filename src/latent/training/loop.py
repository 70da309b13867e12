"""Reproducible training of both kinds of model."""

import math
import sys
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from latent.models.batch_norm import batch_slices, has_batch_norm
from latent.models.feeding import feed
from latent.models.finite_loss import StopOnNonFiniteLoss
from latent.models.layers import Sampling
from latent.params import TrainAE
from latent.training.checkpoints import Checkpoints
from latent.training.image_model import ImageModel, fits_on_device
from latent.training.progress import Progress
from latent.training.vae import VAE

# Number of values (pixels × channels) per call of the backend, which runs several steps in a call.
# With fewer values, the calls take a noticeable part of the time of a small model. With more,
# Ctrl-C takes longer, because it waits for the end of a call.
VALUES_PER_CALL = 2**20
# Epoch number for the noise of test images. It is larger than that of any training epoch.
TEST_EPOCH = 4095


class Batches(keras.utils.PyDataset):
    """Batches of uint8 images, in an order that depends only on the seed and the epoch.

    Args:
        images: uint8 (N, H, W, C), an array or a memory map; or row numbers, int32 (N,), if the
            images are on the device.
        batch_size: images per batch; the last batch may be shorter (`batch_slices`).
        seed: seed of the order; None keeps the order of `images`.
        batch_norm: whether the batches train a model with batch normalisation.
    """

    def __init__(
        self,
        images: NDArray[Any],
        batch_size: int,
        seed: int | None = None,
        *,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.images = images
        self.seed = seed
        self.slices = batch_slices(len(images), batch_size, batch_norm)
        self.start(0)

    def __len__(self) -> int:
        """Return the number of batches."""
        return len(self.slices)

    def __getitem__(self, index: int) -> tuple[NDArray[Any]]:
        """Return batch `index` of the epoch as a tuple of one element: there are no targets."""
        rows = self.slices[index]
        return (self.images[rows if self.order is None else self.order[rows]],)

    def start(self, epoch: int) -> None:
        """Set the order of an epoch; epochs count from 0."""
        self.order = None
        if self.seed is not None:
            generator = np.random.default_rng([self.seed, epoch])
            self.order = generator.permutation(len(self.images))


class StartEpoch(keras.callbacks.Callback):
    """Sets the order of the images and the noise at the start of each epoch.

    Both depend only on the number of the epoch. `PyDataset.on_epoch_end` is not used for this,
    because Keras also calls it once before the first epoch. Test images always receive the same
    noise.

    Args:
        batches: batches of the training images.
    """

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Set the order of the training images and their noise."""
        self.batches.start(epoch)
        self._restart_noise(epoch)

    def on_test_begin(self, logs: object = None) -> None:
        """Set the noise of the test images."""
        self._restart_noise(TEST_EPOCH)

    def _restart_noise(self, epoch: int) -> None:
        # The noise layer of a VAE is in its encoder, that of a denoising autoencoder in the model.
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
    """Train `model` with Adam and compute the losses of the test images after each epoch.

    A training with checkpoints continues after the last one.

    Args:
        model: an `Autoencoder` or a `VAE`, not compiled.
        train_images: uint8 (N, H, W, C).
        test_images: uint8 (M, H, W, C).
        params: learning rate, batch size, epochs and seed.
        progress: records a row of losses per epoch, each the mean over all images of a split.
        checkpoints: saves and restores the state of the training.

    Raises:
        InputError: a loss is NaN or infinite, or there is only one image for batch normalisation.
    """
    values = params.batch_size * math.prod(train_images.shape[1:])
    model.compile(
        optimizer=keras.optimizers.Adam(params.learning_rate),
        steps_per_execution=max(1, VALUES_PER_CALL // values),
    )
    train_data: NDArray[Any] = train_images
    test_data: NDArray[Any] = test_images
    if fits_on_device(train_images, test_images):
        model.load_to_device(train_images, test_images)
        rows = np.arange(len(train_images) + len(test_images), dtype=np.int32)
        train_data, test_data = np.split(rows, [len(train_images)])
    model(train_data[:1])  # builds the model: `restore` needs its variables
    batch_norm = has_batch_norm([*model.encoder.layers, *model.decoder.layers])
    batches = Batches(train_data, params.batch_size, params.seed, batch_norm=batch_norm)
    too_large = ["learning_rate", *(["reconstruction_weight"] if isinstance(model, VAE) else [])]
    model.fit(
        feed(batches),
        validation_data=feed(Batches(test_data, params.batch_size)),
        initial_epoch=checkpoints.restore(model),
        epochs=params.epochs,
        # `Batches` shuffles the images. Keras would also shuffle the batches.
        shuffle=False,
        # The order matters: an epoch with a NaN or infinite loss must not be recorded, and an epoch
        # must be recorded before the checkpoint is saved.
        callbacks=[StartEpoch(batches), StopOnNonFiniteLoss(*too_large), progress, checkpoints],
        verbose=1 if sys.stdout.isatty() else 2,
    )
