"""What a classifier says of decoded images: which attributes it can see in them, and from where on.

A classifier that learnt from real images is unsure of decoded ones, which are softer: it may say of no
face at all that it wears glasses, and yet give those that should the higher probabilities. So each
attribute has a threshold of its own, above which the classifier's probability counts as yes: where as
many reconstructions of training images have it as images truly do. Test images then tell whether
the decisions are right.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
Probabilities = NDArray[np.float32]
Decisions = NDArray[np.bool_]

# Of uint8 (N, H, W, C): probabilities float32 (N, A), or decisions bool (N, A), in order.
Predict = Callable[[Images], Probabilities]
Judge = Callable[[Images], Decisions]

# Balanced accuracy from which on decisions count: seven of ten are right, where chance has five.
SEEN = 0.7

RECOGNIZED = "recognized"
NO_VECTOR = "no vector: all images have it, or none"
UNSEEN = "the classifier cannot see it"
UNSHOWN = "the classifier cannot see it in the model's reconstructions"


def find_thresholds(probabilities: Probabilities, has: Decisions) -> Probabilities:
    """Return the probability from which on as many images have each attribute as truly do.

    It lies half-way between the last one that counts and the first one that does not.

    Args:
        probabilities: of images, float32 (N, A), N > 0.
        has: what is true of these images, bool (N, A).

    Returns:
        float32 (A,); infinite for an attribute that no image has, and for one that all have minus
        infinite.
    """
    falling = -np.sort(-probabilities, axis=0)
    border = np.full((1, falling.shape[1]), np.inf, np.float32)
    falling = np.concatenate([border, falling, -border])
    counts = has.sum(axis=0)[np.newaxis]
    above = np.take_along_axis(falling, counts, axis=0)
    below = np.take_along_axis(falling, counts + 1, axis=0)
    thresholds: Probabilities = ((above + below) / 2)[0]
    return thresholds


def decide_by(predict: Predict, columns: NDArray[np.intp], thresholds: Probabilities) -> Judge:
    """Return a classifier of some attributes: the columns of `predict`, each with its threshold."""

    def classifier(images: Images) -> Decisions:
        decisions: Decisions = predict(images)[:, columns] >= thresholds
        return decisions

    return classifier


def statuses(
    has_vector: NDArray[np.bool_],
    real: NDArray[np.float64],
    decoded: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Return whether edits of each attribute can be judged, and if not, why.

    Args:
        has_vector: bool (A,), whether there is a direction to edit along.
        real: the classifier's balanced accuracy on real images, float64 (A,), NaN where it has none.
        decoded: the same on reconstructions.
    """
    reasons = [NO_VECTOR, UNSEEN, UNSHOWN]
    # Written so that NaN counts as too little.
    failed = [~has_vector, ~(real >= SEEN), ~(decoded >= SEEN)]
    return np.select(failed, reasons, RECOGNIZED).astype(object)
