"""What a classifier is to learn, how far it can be trusted, and its files.

classifier.keras   the classifier (`latent.classifier.network`)
outputs.csv   a row per output, as `measure_classifier` returns them

Where the images have nothing to be judged by, outputs.csv has no row, and there is no classifier.keras.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.classifier.network import (
    Images,
    Kind,
    Targets,
    decisions,
    predictions,
    train_classifier,
)
from latent.errors import InputError
from latent.io.dataset import Split
from latent.io.files import whole_folder
from latent.models.storage import load_model, save_model
from latent.params import TrainClassifier

COLUMNS = (
    "output",
    "with",
    "without",
    "sensitivity",
    "specificity",
    "accuracy",
    "balanced_accuracy",
)
NUMBERS = COLUMNS[3:]  # missing where no image decides them

log = logging.getLogger(__name__)


def make_classifier(
    train: Split, test: Split, classes: Sequence[str], params: TrainClassifier, folder: Path
) -> dict[str, float]:
    """Train a classifier, measure it, and write it into `folder`, made whole or not at all.

    Args:
        train: what it learns from.
        test: what it is measured by.
        classes: names of the labels; of no use where there are attributes.
        params: how it is built and trained.
        folder: of its files.

    Returns:
        `classifier_metrics`; nothing where there is nothing to classifier, which a log line says.

    Raises:
        InputError: the loss of the training is infinite or no number.
    """
    targets = find_targets(train.table, test.table, classes)
    if targets is None:
        with whole_folder(folder) as temporary:
            pd.DataFrame(columns=COLUMNS).to_csv(temporary / "outputs.csv", index=False)
        return {}
    classifier = train_classifier(train.images, targets, params)
    outputs = measure_classifier(classifier, test.images, targets)
    with whole_folder(folder) as temporary:
        save_model(classifier, temporary / "classifier.keras")
        outputs.to_csv(temporary / "outputs.csv", index=False)
    return classifier_metrics(outputs, targets.kind)


def load_classifier(folder: Path) -> tuple[keras.Model, pd.DataFrame] | None:
    """Return a classifier and its outputs as `measure_classifier` returned them; None where there is none.

    Raises:
        InputError: a file is missing or damaged.
    """
    try:
        # People call their attributes what they like: None, NA, 2020.
        numbers = {name: [""] for name in NUMBERS}
        outputs = pd.read_csv(
            folder / "outputs.csv", dtype={"output": str}, keep_default_na=False, na_values=numbers
        )
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / 'outputs.csv'}: cannot be read: {error}") from None
    return None if outputs.empty else (load_model(folder / "classifier.keras"), outputs)


def find_targets(
    train: pd.DataFrame, test: pd.DataFrame, classes: Sequence[str] = ()
) -> Targets | None:
    """Return what the images' tables let a classifier learn; None, and a log line, where it is nothing.

    Args:
        train: a row per training image: `label`, or attributes as booleans.
        test: the same of the held-out images.
        classes: names of the labels 0, 1, 2 and so on.

    Returns:
        The labels if there are at least two among the training images. Otherwise the attributes
        that are true of some images and not of others in both splits: those left out are logged.
    """
    if "label" in train:
        if train["label"].nunique() < 2:
            log.warning(
                "all training images are of one class, so no classifier can learn to tell more"
            )
            return None
        kinds = np.arange(len(classes))
        truth = [table["label"].to_numpy()[:, np.newaxis] == kinds for table in (train, test)]
        return Targets("labels", list(classes), *truth)
    names = list(train.select_dtypes(bool).columns)
    varied = [name for name in names if train[name].nunique() == test[name].nunique() == 2]
    if left_out := [name for name in names if name not in varied]:
        log.warning(
            "the same of all training images or of all test images, so left out by the classifier: %s",
            ", ".join(left_out),
        )
    if not varied:
        log.warning("the images have no attributes that differ, so there is no classifier of them")
        return None
    return Targets("attributes", varied, *(table[varied].to_numpy() for table in (train, test)))


def measure_classifier(classifier: keras.Model, images: Images, targets: Targets) -> pd.DataFrame:
    """Return how far the classifier can be trusted, from held-out images.

    Args:
        classifier: from `train_classifier`.
        images: uint8 (M, H, W, C), held out.
        targets: of these images.

    Returns:
        A row per output, in order: `output` (its name), `with` and `without` (numbers of images),
        `sensitivity` and `specificity` (shares of either that the classifier takes for what they are),
        `accuracy`, and `balanced_accuracy`, the mean of the two shares: 0.5 is chance. Shares of no
        images are NaN.
    """
    truth = targets.test
    judged = decisions(predictions(classifier, images), targets.kind)
    shares = right_shares(judged, truth)
    return pd.DataFrame(
        {
            "output": targets.names,
            "with": truth.sum(axis=0),
            "without": (~truth).sum(axis=0),
            "sensitivity": shares[0],
            "specificity": shares[1],
            "accuracy": (judged == truth).mean(axis=0),
            "balanced_accuracy": shares.mean(axis=0),
        }
    )


def right_shares(decisions: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the shares of the images with and of those without each output judged rightly.

    Their mean is the balanced accuracy.

    Args:
        decisions: bool (N, A).
        truth: bool (N, A).

    Returns:
        float64 (2, A), sensitivity and specificity; NaN where there are no such images.
    """
    sides = ((decisions & truth, truth), (~decisions & ~truth, ~truth))
    with np.errstate(invalid="ignore"):
        return np.stack([right.sum(axis=0) / all_.sum(axis=0) for right, all_ in sides])


def classifier_metrics(outputs: pd.DataFrame, kind: Kind) -> dict[str, float]:
    """Return a classifier's accuracy on held-out images as two numbers.

    Args:
        outputs: as `measure_classifier` returns them.
        kind: "labels" or "attributes".

    Returns:
        `classifier/accuracy`: the share of the images whose label is found, or of all attributes of all
        images. `classifier/balanced_accuracy`: the mean over the labels of the share that is found (1 of
        as many as there are labels is chance), or over the attributes of the balanced accuracy
        (0.5 is chance).
    """
    if kind == "attributes":
        accuracy, balanced = outputs["accuracy"].mean(), outputs["balanced_accuracy"].mean()
    else:
        found = (outputs["sensitivity"] * outputs["with"]).sum()
        accuracy, balanced = found / outputs["with"].sum(), outputs["sensitivity"].mean()
    return {"classifier/accuracy": float(accuracy), "classifier/balanced_accuracy": float(balanced)}
