"""The classifier: a classifier of real images, by whose eyes decoded ones are judged.

It tells the classes of labelled images apart, or each attribute of an image from its absence. The
layer before the last one gives the features in which sets of images are compared, as Inception's do
for the FID. They are features of this classifier and of its data: numbers in them compare with others in
them, and with no FID of anybody else.

It is trained on real images, half of them blurred, since decoded ones are: what it sees of those is
what they show, and not that they are soft.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import layers, ops
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from latent.models.feeding import feed
from latent.models.finite_loss import StopOnNonFiniteLoss
from latent.models.layers import BatchNormalization, scale
from latent.models.networks import KERNEL, Shape
from latent.params import TrainClassifier

Kind = Literal["labels", "attributes"]
Images = NDArray[np.uint8]

BATCH_SIZE = 500
# Standard deviation of the widest blur that a classifier learns to see through, over an image's height.
# Decoded images are soft: a classifier of sharp ones alone is lost among them, and no classifier of them.
LARGEST_BLUR = 1 / 8
# The two sides of an attribute weigh the same in its loss, so this is where a classifier is undecided.
UNDECIDED = 0.5


@dataclass(frozen=True)
class Targets:
    """What a classifier is to see in images.

    Attributes:
        kind: "labels", of which each image has one, or "attributes".
        names: of the classes or the attributes, in the order of the classifier's outputs.
        train: bool (N, outputs), what is true of the training images.
        test: bool (M, outputs), of the held-out ones.
    """

    kind: Kind
    names: list[str]
    train: NDArray[np.bool_]
    test: NDArray[np.bool_]


def build_classifier(
    params: TrainClassifier, image_shape: Shape, outputs: int, kind: Kind
) -> keras.Model:
    """Return a classifier that has learnt nothing.

    Args:
        params: `filters` of the convolutions, of stride 2, and number of `features`.
        image_shape: H, W, C of the images.
        outputs: how many classes or attributes.
        kind: "labels" or "attributes".

    Returns:
        A model from uint8 (N, H, W, C) to the probabilities, float32 (N, outputs), which of labels
        have the sum 1, and the features, float32 (N, features), none of them negative.
    """
    images = layers.Input(image_shape, dtype="uint8", name="images")
    x = scale(images)
    for filters in params.filters:
        # The normalisation brings a bias of its own.
        x = layers.Conv2D(filters, KERNEL, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(BatchNormalization()(x))
    x = layers.Dense(params.features, use_bias=False)(layers.Flatten()(x))
    x = BatchNormalization()(x)
    features = layers.ReLU(name="features")(x)
    activation = "softmax" if kind == "labels" else "sigmoid"
    predictions = layers.Dense(outputs, activation=activation, name="predictions")(features)
    return keras.Model(images, [predictions, features], name="classifier")


def train_classifier(images: Images, targets: Targets, params: TrainClassifier) -> keras.Model:
    """Return a classifier that has learnt the targets of the training images, with Adam.

    Its loss is the cross-entropy; of attributes that of each, with both its sides weighing the
    same, so that it does not learn to overlook what is rare. Half of the images are blurred.

    Args:
        images: uint8 (N, H, W, C), an array or a memory map.
        targets: of these images.
        params: filters, features, learning rate, batch size, epochs and seed of the order.

    Raises:
        InputError: the loss is infinite or no number.
    """
    classifier = build_classifier(params, images.shape[1:], len(targets.names), targets.kind)
    learner = keras.Model(classifier.input, classifier.outputs[0])
    loss = keras.losses.categorical_crossentropy
    if targets.kind == "attributes":
        loss = balanced_crossentropy(targets.train.mean(axis=0))
    learner.compile(keras.optimizers.Adam(params.learning_rate), loss)
    learner.fit(
        feed(Labelled(images, targets.train, params.batch_size, params.seed)),
        epochs=params.epochs,
        # The images are mixed already; Keras would mix the batches once more.
        shuffle=False,
        callbacks=[StopOnNonFiniteLoss()],
        verbose=1 if sys.stdout.isatty() else 2,
    )
    return classifier


class Labelled(keras.utils.PyDataset):
    """Batches of uint8 images with what is true of them, in a new order in each epoch.

    Every other image of a batch is blurred, those of one batch equally.

    Args:
        images: uint8 (N, H, W, C), an array or a memory map.
        truth: bool (N, outputs).
        batch_size: images per batch; the last one may be shorter.
        seed: of the orders and the blurs.
    """

    def __init__(
        self, images: Images, truth: NDArray[np.bool_], batch_size: int, seed: int
    ) -> None:
        super().__init__()
        self.images = images
        self.truth = truth
        self.batch_size = batch_size
        self.generator = np.random.default_rng(seed)
        # Keras looks at a batch before the first epoch.
        self.on_epoch_begin()

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[Images, NDArray[np.float32]]:
        """Return the images of batch number `index`, and what is true of them."""
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        images = self.images[rows]
        sigma = self.blurs[index] * images.shape[1]
        # Across height and width.
        blurred = gaussian_filter(images[::2].astype(np.float32), (0, sigma, sigma, 0))
        images[::2] = np.rint(blurred)
        return images, self.truth[rows].astype(np.float32)

    def on_epoch_begin(self) -> None:
        """Draw the order of an epoch, and its blurs."""
        self.order = self.generator.permutation(len(self.images))
        self.blurs = self.generator.uniform(0.0, LARGEST_BLUR, len(self))


def balanced_crossentropy(shares: NDArray[np.float64]) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the binary cross-entropy with both sides of each attribute weighing the same.

    Args:
        shares: of the images that have the attribute, (outputs,), between 0 and 1.

    Returns:
        A loss: from what is true and what is predicted, float32 (N, outputs) each, to (N,).
    """
    with_it, without = (
        ops.convert_to_tensor(0.5 / share, "float32") for share in (shares, 1.0 - shares)
    )

    def loss(truth: Tensor, predictions: Tensor) -> Tensor:
        weights = truth * with_it + (1.0 - truth) * without
        return ops.mean(weights * ops.binary_crossentropy(truth, predictions), axis=-1)

    return loss


def predictions(classifier: keras.Model, images: Images) -> NDArray[np.float32]:
    """Return the classifier's probabilities of uint8 images (N, H, W, C), float32 (N, outputs)."""
    return _outputs(classifier, images, 0)


def features(classifier: keras.Model, images: Images) -> NDArray[np.float32]:
    """Return the classifier's features of uint8 images (N, H, W, C), float32 (N, features)."""
    return _outputs(classifier, images, 1)


def _outputs(classifier: keras.Model, images: Images, which: int) -> NDArray[np.float32]:
    batches = [
        classifier.predict_on_batch(images[start : start + BATCH_SIZE])[which]
        for start in range(0, len(images), BATCH_SIZE)
    ]
    return np.concatenate([np.zeros((0, classifier.outputs[which].shape[1]), np.float32), *batches])


def decisions(predictions: NDArray[np.float32], kind: Kind) -> NDArray[np.bool_]:
    """Return what a classifier takes for true, bool (N, outputs), given its probabilities."""
    if kind == "attributes":
        return predictions >= UNDECIDED
    return predictions.argmax(axis=1)[:, np.newaxis] == np.arange(predictions.shape[1])
