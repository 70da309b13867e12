"""The classifier's network, and its outputs for arrays of images.

The classifier predicts the class of an image or, for each attribute, whether the image has it. Its
second-last layer returns features. Sets of images are compared in these features, as the FID does
in the features of Inception. The features depend on the classifier and on its training data, so
numbers computed from them can be compared with each other, but not with published FIDs.
"""

from typing import Literal

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from latent.models.layers import BatchNormalization, scale
from latent.models.networks import KERNEL, Shape
from latent.params import TrainClassifier

Kind = Literal["labels", "attributes"]
Images = NDArray[np.uint8]

BATCH_SIZE = 500
# Probability from which an image has an attribute. The loss weights images with and without the
# attribute equally, so 0.5 is the probability of an undecided classifier.
DECISION_THRESHOLD = 0.5


def build_classifier(
    params: TrainClassifier, image_shape: Shape, outputs: int, kind: Kind
) -> keras.Model:
    """Return an untrained classifier.

    Args:
        params: `filters` of the convolutions, which have stride 2, and the number of `features`.
        image_shape: H, W, C of the images.
        outputs: number of classes or attributes.
        kind: "labels" or "attributes".

    Returns:
        A model that maps uint8 images (N, H, W, C) to probabilities, float32 (N, outputs), and
        features, float32 (N, features). The probabilities of labels sum to 1. The features are not
        negative.
    """
    images = layers.Input(image_shape, dtype="uint8", name="images")
    x = scale(images)
    for filters in params.filters:
        # Batch normalisation adds a bias, so the layers before it have none.
        x = layers.Conv2D(filters, KERNEL, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(BatchNormalization()(x))
    x = layers.Dense(params.features, use_bias=False)(layers.Flatten()(x))
    x = BatchNormalization()(x)
    features = layers.ReLU(name="features")(x)
    activation = "softmax" if kind == "labels" else "sigmoid"
    predictions = layers.Dense(outputs, activation=activation, name="predictions")(features)
    return keras.Model(images, [predictions, features], name="classifier")


def predictions(classifier: keras.Model, images: Images) -> NDArray[np.float32]:
    """Return the probabilities of uint8 images (N, H, W, C), float32 (N, outputs)."""
    return _predict(classifier, images, 0)


def features(classifier: keras.Model, images: Images) -> NDArray[np.float32]:
    """Return the features of uint8 images (N, H, W, C), float32 (N, features)."""
    return _predict(classifier, images, 1)


def _predict(classifier: keras.Model, images: Images, output: int) -> NDArray[np.float32]:
    batches = [
        classifier.predict_on_batch(images[start : start + BATCH_SIZE])[output]
        for start in range(0, len(images), BATCH_SIZE)
    ]
    # The empty array gives the result its shape if there are no images.
    empty = np.zeros((0, classifier.outputs[output].shape[1]), np.float32)
    return np.concatenate([empty, *batches])


def decisions(probabilities: NDArray[np.float32], kind: Kind) -> NDArray[np.bool_]:
    """Return the classifier's decisions, bool (N, outputs).

    Args:
        probabilities: float32 (N, outputs), from `predictions`.
        kind: "labels": the most probable label of each image is True. "attributes": each attribute
            with a probability of at least 0.5 is True.
    """
    if kind == "attributes":
        return probabilities >= DECISION_THRESHOLD
    return probabilities.argmax(axis=1)[:, np.newaxis] == np.arange(probabilities.shape[1])
