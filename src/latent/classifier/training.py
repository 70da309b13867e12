"""Training of the classifier.

The classifier is trained on real images, but evaluates decoded images, which are softer. Half of
the training images are therefore blurred: the classifier learns to recognize what a soft image
shows.
"""

import logging
import sys
from collections.abc import Callable

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import ops
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from latent.classifier.network import Images, build_classifier
from latent.classifier.targets import Targets
from latent.models.batch_norm import batch_slices, few_steps_warning, too_few_steps
from latent.models.feeding import feed
from latent.models.finite_loss import StopOnNonFiniteLoss
from latent.params import TrainClassifier

log = logging.getLogger(__name__)

# Largest standard deviation of the blur, as a fraction of the image height.
MAX_BLUR = 1 / 8


def train_classifier(images: Images, targets: Targets, params: TrainClassifier) -> keras.Model:
    """Train a classifier with Adam.

    The loss is the cross-entropy: categorical for labels, and `balanced_crossentropy` for
    attributes, so that rare attributes count as much as frequent ones.

    Args:
        images: training images, uint8 (N, H, W, C), an array or a memory map.
        targets: targets of these images.
        params: filters, features, learning rate, batch size, epochs, and the seed of the order and
            the blur of the images.

    Raises:
        InputError: the loss is NaN or infinite, or there is only one image.
    """
    classifier = build_classifier(params, images.shape[1:], len(targets.names), targets.kind)
    # The features have no loss, so only the predictions are trained.
    trained = keras.Model(classifier.input, classifier.outputs[0])
    loss = keras.losses.categorical_crossentropy
    if targets.kind == "attributes":
        loss = balanced_crossentropy(targets.train.mean(axis=0))
    trained.compile(keras.optimizers.Adam(params.learning_rate), loss)
    trained.fit(
        feed(TrainingBatches(images, targets.train, params.batch_size, params.seed)),
        epochs=params.epochs,
        shuffle=False,  # TrainingBatches shuffles the images
        callbacks=[StopOnNonFiniteLoss("learning_rate")],
        verbose=1 if sys.stdout.isatty() else 2,
    )
    steps = int(trained.optimizer.iterations)
    if too_few_steps(steps, classifier.layers):
        log.warning("%s", few_steps_warning(steps))
    return classifier


class TrainingBatches(keras.utils.PyDataset):
    """Batches of images and targets, in a new random order in each epoch.

    Every second image of a batch is blurred. The blur is the same within a batch, and its standard
    deviation is uniformly distributed between 0 and 1/8 of the image height.

    Args:
        images: uint8 (N, H, W, C), an array or a memory map.
        targets: bool (N, outputs).
        batch_size: images per batch; the last batch may have fewer (`batch_slices`).
        seed: seed of the orders and the blurs.
    """

    def __init__(
        self, images: Images, targets: NDArray[np.bool_], batch_size: int, seed: int
    ) -> None:
        super().__init__()
        self.images = images
        self.targets = targets
        self.slices = batch_slices(len(images), batch_size, batch_norm=True)
        self.generator = np.random.default_rng(seed)
        # Keras reads a batch before the first epoch begins.
        self.on_epoch_begin()

    def __len__(self) -> int:
        """Return the number of batches."""
        return len(self.slices)

    def __getitem__(self, index: int) -> tuple[Images, NDArray[np.float32]]:
        """Return the images, uint8 (n, H, W, C), and targets, float32 (n, outputs), of a batch."""
        rows = self.order[self.slices[index]]
        images = self.images[rows]
        sigma = self.blurs[index] * images.shape[1]
        blurred = gaussian_filter(images[::2].astype(np.float32), (0, sigma, sigma, 0))
        images[::2] = np.rint(blurred)
        return images, self.targets[rows].astype(np.float32)

    def on_epoch_begin(self) -> None:
        """Choose the order of the images and the blur of each batch for an epoch."""
        self.order = self.generator.permutation(len(self.images))
        self.blurs = self.generator.uniform(0.0, MAX_BLUR, len(self))


def balanced_crossentropy(frequencies: NDArray[np.float64]) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the binary cross-entropy with class weights for each attribute.

    The weights are 0.5 / p for images with the attribute and 0.5 / (1 − p) for images without it,
    where p is the share of images with the attribute. Both groups have the same total weight.

    Args:
        frequencies: p, float64 (outputs,), between 0 and 1 exclusive.

    Returns:
        A loss function of targets and predictions, float32 (N, outputs) each, that returns (N,).
    """
    with_weights, without_weights = (
        ops.convert_to_tensor(0.5 / share, "float32") for share in (frequencies, 1.0 - frequencies)
    )

    def loss(targets: Tensor, predictions: Tensor) -> Tensor:
        weights = targets * with_weights + (1.0 - targets) * without_weights
        return ops.mean(weights * ops.binary_crossentropy(targets, predictions), axis=-1)

    return loss
