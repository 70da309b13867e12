"""The files of a classifier."""

import logging
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from latent.classifier.accuracy import classifier_metrics
from latent.classifier.classifier import load_classifier, make_classifier
from latent.classifier.network import predictions
from latent.errors import InputError
from latent.io.dataset import Split
from latent.params import TrainClassifier

TINY = TrainClassifier(filters=[2], features=3, learning_rate=0.01, batch_size=8, epochs=1, seed=1)
CLASSES = ["coat", "bag", "hat"]


def label_table(*labels: int) -> pd.DataFrame:
    return pd.DataFrame({"image_id": range(len(labels)), "label": np.array(labels, np.uint8)})


def images(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 8, 8, 1), np.uint8)


@pytest.mark.parametrize(
    ("train", "test", "reason"),
    [
        (label_table(1, 1), label_table(1, 0), "belong to one class"),
        (pd.DataFrame({"image_id": ["a"]}), pd.DataFrame({"image_id": ["b"]}), "no attributes"),
        (pd.DataFrame({"A": [True, True]}), pd.DataFrame({"A": [True, False]}), "no attributes"),
    ],
)
def test_without_targets_there_is_no_classifier(
    train: pd.DataFrame,
    test: pd.DataFrame,
    reason: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    splits = Split(images(len(train)), train), Split(images(len(test)), test)
    assert make_classifier(*splits, CLASSES, TINY, tmp_path / "classifier") == {}
    assert reason in caplog.text
    assert [path.name for path in (tmp_path / "classifier").iterdir()] == ["outputs.csv"]
    assert load_classifier(tmp_path / "classifier") is None


def test_files_are_reproducible_and_can_be_loaded(tmp_path: Path) -> None:
    train = Split(images(20), label_table(*[0, 1] * 10))
    test = Split(images(6), label_table(*[0, 1] * 3))
    results = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        # As in a new process: layer names are numbered from 1, and weights are initialised again.
        keras.utils.clear_session()
        keras.utils.set_random_seed(1)
        metrics = make_classifier(train, test, CLASSES[:2], TINY, folder)
        results.append((metrics, {path.name: path.read_bytes() for path in folder.iterdir()}))
    assert results[0] == results[1]
    assert results[0][1].keys() == {"classifier.keras", "outputs.csv"}
    loaded = load_classifier(tmp_path / "a")
    assert loaded is not None
    classifier, outputs = loaded
    assert predictions(classifier, test.images).shape == (6, 2)
    assert outputs["output"].tolist() == ["coat", "bag"]
    assert classifier_metrics(outputs, "labels") == pytest.approx(results[0][0])


def test_missing_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"outputs\.csv: cannot be read"):
        load_classifier(tmp_path)
    pd.DataFrame({"output": ["A"]}).to_csv(tmp_path / "outputs.csv", index=False)
    with pytest.raises(InputError, match=r"classifier\.keras"):
        load_classifier(tmp_path)


def test_attributes_may_have_any_name(tmp_path: Path) -> None:
    names = ["None", "2020", "NA", "1.50"]
    table = pd.DataFrame({"image_id": range(6), **{name: [True, False] * 3 for name in names}})
    split = Split(images(6), table)
    make_classifier(split, split, [], TINY, tmp_path / "classifier")
    loaded = load_classifier(tmp_path / "classifier")
    assert loaded is not None
    assert loaded[1]["output"].tolist() == names
    assert loaded[1]["accuracy"].dtype == np.float64
