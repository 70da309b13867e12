"""The classifier's accuracy on test images, per class or attribute."""

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.classifier.network import Images, Kind, decisions, predictions
from latent.classifier.targets import Targets

# Columns of the table that `measure_classifier` returns.
RATES = ("sensitivity", "specificity", "accuracy", "balanced_accuracy")
COLUMNS = ("output", "with", "without", *RATES)


def measure_classifier(classifier: keras.Model, images: Images, targets: Targets) -> pd.DataFrame:
    """Return the classifier's accuracy on test images.

    Args:
        classifier: from `latent.classifier.training.train_classifier`.
        images: test images, uint8 (M, H, W, C).
        targets: targets of these images.

    Returns:
        A row per output, in the order of the outputs: `output` (name of the class or attribute);
        `with` and `without` (number of images that have it or not); `sensitivity` and
        `specificity`, the share of either that is classified correctly; `accuracy`;
        `balanced_accuracy`, the mean of sensitivity and specificity, 0.5 for random guessing.
        Rates without any image are NaN.
    """
    truth = targets.test
    decided = decisions(predictions(classifier, images), targets.kind)
    rates = sensitivity_specificity(decided, truth)
    return pd.DataFrame(
        {
            "output": targets.names,
            "with": truth.sum(axis=0),
            "without": (~truth).sum(axis=0),
            "sensitivity": rates[0],
            "specificity": rates[1],
            "accuracy": (decided == truth).mean(axis=0),
            "balanced_accuracy": rates.mean(axis=0),
        }
    )


def sensitivity_specificity(
    decided: NDArray[np.bool_], truth: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the sensitivity and specificity of each output. Their mean is the balanced accuracy.

    Args:
        decided: the classifier's decisions, bool (N, A).
        truth: the targets, bool (N, A).

    Returns:
        float64 (2, A): the share of images with the output that are decided True, and the share of
        images without it that are decided False. NaN if there are no such images.
    """
    groups = ((decided & truth, truth), (~decided & ~truth, ~truth))
    with np.errstate(invalid="ignore"):
        return np.stack([correct.sum(axis=0) / group.sum(axis=0) for correct, group in groups])


def classifier_metrics(outputs: pd.DataFrame, kind: Kind) -> dict[str, float]:
    """Summarise the accuracy of a classifier on test images.

    Args:
        outputs: table from `measure_classifier`.
        kind: "labels" or "attributes".

    Returns:
        `classifier/accuracy`: the share of images whose label is predicted correctly, or the share
        of correct decisions over all attributes and images. `classifier/balanced_accuracy`: the
        mean sensitivity of the labels (1 / number of labels for random guessing), or the mean
        balanced accuracy of the attributes (0.5 for random guessing).
    """
    if kind == "attributes":
        accuracy, balanced = outputs["accuracy"].mean(), outputs["balanced_accuracy"].mean()
    else:
        correct = (outputs["sensitivity"] * outputs["with"]).sum()
        accuracy, balanced = correct / outputs["with"].sum(), outputs["sensitivity"].mean()
    return {"classifier/accuracy": float(accuracy), "classifier/balanced_accuracy": float(balanced)}
