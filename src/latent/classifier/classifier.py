"""Make a classifier from a dataset, and load it.

classifier.keras  the model (`latent.classifier.network`)
outputs.csv       its accuracy: a row per class or attribute, as `measure_classifier` returns them

If the images have nothing to classify, outputs.csv has no rows and classifier.keras is not written.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import pandas as pd

from latent.classifier.accuracy import COLUMNS, RATES, classifier_metrics, measure_classifier
from latent.classifier.targets import find_targets
from latent.classifier.training import train_classifier
from latent.errors import InputError
from latent.io.dataset import Split
from latent.io.files import whole_folder
from latent.models.storage import load_model, save_model
from latent.params import TrainClassifier


def make_classifier(
    train: Split, test: Split, classes: Sequence[str], params: TrainClassifier, folder: Path
) -> dict[str, float]:
    """Train a classifier, measure its accuracy, and write both into `folder`.

    The folder is written whole or not at all.

    Args:
        train: split that the classifier is trained on.
        test: split that its accuracy is measured on.
        classes: names of the labels; ignored if the images have attributes.
        params: architecture and training of the classifier.
        folder: folder to write.

    Returns:
        The metrics of `classifier_metrics`. Empty, with a logged warning, if the images have
        nothing to classify.

    Raises:
        InputError: the training loss is NaN or infinite.
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
    """Load a classifier and its accuracy.

    Returns:
        The model, and the table from `measure_classifier`. None if the images had nothing to
        classify.

    Raises:
        InputError: a file is missing or damaged.
    """
    try:
        # Attributes may be named "None", "NA" or "2020": only the rates can be missing values.
        outputs = pd.read_csv(
            folder / "outputs.csv",
            dtype={"output": str},
            keep_default_na=False,
            na_values={name: [""] for name in RATES},
        )
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / 'outputs.csv'}: cannot be read: {error}") from None
    return None if outputs.empty else (load_model(folder / "classifier.keras"), outputs)
