"""Decisions of the classifier about the attributes of decoded images.

The classifier is trained on real images. Decoded images are softer, so their probabilities may be
shifted although their order is right. For example, the probability of eyeglasses may be below 0.5
for all reconstructions, but still higher for faces with eyeglasses than for others. Each attribute
therefore has its own threshold: on reconstructions of training images, as many decisions are
positive as images have the attribute. The accuracy of the decisions is measured on reconstructions
of test images.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
Probabilities = NDArray[np.float32]
Decisions = NDArray[np.bool_]

# Functions of images, uint8 (N, H, W, C), with one column per attribute.
Predict = Callable[[Images], Probabilities]  # float32 (N, A)
Classify = Callable[[Images], Decisions]  # bool (N, A)

# Balanced accuracy from which an attribute counts as recognized: 7 of 10 decisions are correct,
# compared with 5 of 10 for random guessing.
MIN_BALANCED_ACCURACY = 0.7

RECOGNIZED = "recognized"
NO_VECTOR = (
    "no vector: all training images have the attribute, or none has it, or the mean embeddings "
    "with it and without it are equal"
)
NOT_IN_REAL_IMAGES = "not recognized in real images"
NOT_IN_RECONSTRUCTIONS = "not recognized in reconstructions"


def prevalence_thresholds(probabilities: Probabilities, truth: Decisions) -> Probabilities:
    """Return thresholds at which the decisions are positive as often as the attributes are true.

    If n images have an attribute, its threshold is the mean of the n-th and the (n + 1)-th largest
    probability.

    Args:
        probabilities: float32 (N, A), N > 0.
        truth: whether each image has each attribute, bool (N, A).

    Returns:
        float32 (A,). Infinite if no image has the attribute, and minus infinite if all have it.
    """
    falling = -np.sort(-probabilities, axis=0)
    border = np.full((1, falling.shape[1]), np.inf, np.float32)
    falling = np.concatenate([border, falling, -border])
    counts = truth.sum(axis=0)[np.newaxis]
    above = np.take_along_axis(falling, counts, axis=0)
    below = np.take_along_axis(falling, counts + 1, axis=0)
    thresholds: Probabilities = ((above + below) / 2)[0]
    return thresholds


def threshold_classifier(
    predict: Predict, columns: NDArray[np.intp], thresholds: Probabilities
) -> Classify:
    """Return a function that decides whether images have some of the attributes.

    Args:
        predict: probabilities of all attributes.
        columns: columns of `predict` to decide on, int (A,).
        thresholds: smallest probabilities of positive decisions, float32 (A,).
    """

    def classify(images: Images) -> Decisions:
        decisions: Decisions = predict(images)[:, columns] >= thresholds
        return decisions

    return classify


def recognition_status(
    has_vector: NDArray[np.bool_],
    real: NDArray[np.float64],
    decoded: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Return "recognized" for each attribute whose edits can be evaluated, or the reason why not.

    Args:
        has_vector: whether the attribute has a vector with a direction, bool (A,).
        real: balanced accuracy of the classifier on real images, float64 (A,). NaN if the
            classifier does not predict the attribute.
        decoded: balanced accuracy on reconstructions, float64 (A,).

    Returns:
        Strings (A,). If there are several reasons, the first of: no vector, not recognized in real
        images, not recognized in reconstructions.
    """
    reasons = [NO_VECTOR, NOT_IN_REAL_IMAGES, NOT_IN_RECONSTRUCTIONS]
    # With these negations, NaN counts as not recognized.
    failed = [
        ~has_vector,
        ~(real >= MIN_BALANCED_ACCURACY),
        ~(decoded >= MIN_BALANCED_ACCURACY),
    ]
    return np.select(failed, reasons, RECOGNIZED).astype(object)
