"""The classifier's targets: the classes or attributes that it learns to predict."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.classifier.network import Kind
from latent.io.dataset import has_labels

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Targets:
    """Classes or attributes of the training and test images.

    Attributes:
        kind: "labels" (each image has exactly one) or "attributes" (each image has any number).
        names: names of the classes or attributes, in the order of the classifier's outputs.
        train: bool (N, outputs), the targets of the training images.
        test: bool (M, outputs), the targets of the test images.
    """

    kind: Kind
    names: list[str]
    train: NDArray[np.bool_]
    test: NDArray[np.bool_]


def find_targets(
    train: pd.DataFrame, test: pd.DataFrame, classes: Sequence[str] = ()
) -> Targets | None:
    """Return the targets that the tables of the images provide.

    Args:
        train: a row per training image, with a column `label` or with boolean attributes.
        test: a row per test image, with the same columns.
        classes: names of the labels 0, 1, 2 and so on.

    Returns:
        The labels, if the training images have at least two different ones. Without a column
        `label`, the attributes that have both values in both splits. A warning lists the other
        attributes. None, and a warning, if nothing can be learnt.
    """
    if has_labels(train):
        if train["label"].nunique() < 2:
            log.warning("all training images belong to one class, so no classifier is trained")
            return None
        labels = np.arange(len(classes))
        one_hot = [table["label"].to_numpy()[:, np.newaxis] == labels for table in (train, test)]
        return Targets("labels", list(classes), *one_hot)
    names = list(train.select_dtypes(bool).columns)
    varied = [name for name in names if train[name].nunique() == test[name].nunique() == 2]
    if constant := [name for name in names if name not in varied]:
        log.warning(
            "the classifier ignores attributes that are the same in all training images or in all "
            "test images: %s",
            ", ".join(constant),
        )
    if not varied:
        log.warning("the images have no attributes that differ, so no classifier is trained")
        return None
    return Targets("attributes", varied, *(table[varied].to_numpy() for table in (train, test)))
