"""What judges learn, how they are measured, and their files."""

import logging
import warnings
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from latent.classifier import classifier as module
from latent.classifier.classifier import (
    COLUMNS,
    classifier_metrics,
    find_targets,
    load_classifier,
    make_classifier,
    measure_classifier,
    right_shares,
)
from latent.classifier.network import Targets, predictions
from latent.errors import InputError
from latent.io.dataset import Split
from latent.params import TrainClassifier

TINY = TrainClassifier(filters=[2], features=3, learning_rate=0.01, batch_size=8, epochs=1, seed=1)
CLASSES = ["coat", "bag", "hat"]


def labels(*numbers: int) -> pd.DataFrame:
    return pd.DataFrame({"image_id": range(len(numbers)), "label": np.array(numbers, np.uint8)})


def images(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 8, 8, 1), np.uint8)


def test_labels_are_told_apart() -> None:
    targets = find_targets(labels(2, 0, 0), labels(1), CLASSES)
    assert targets is not None
    assert (targets.kind, targets.names) == ("labels", CLASSES)
    assert targets.train.tolist() == [
        [False, False, True],
        [True, False, False],
        [True, False, False],
    ]
    assert targets.test.tolist() == [[False, True, False]]


def test_attributes_that_do_not_differ_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    train = pd.DataFrame({"image_id": ["a", "b"], "Never": [False] * 2, "Old": [True, False]})
    train["Here"] = [True, False]
    test = pd.DataFrame({"image_id": ["c", "d"], "Never": [True, False], "Old": [False, True]})
    test["Here"] = [True, True]
    targets = find_targets(train, test)
    assert targets is not None
    assert (targets.kind, targets.names) == ("attributes", ["Old"])
    assert targets.train.tolist() == [[True], [False]]
    assert targets.test.tolist() == [[False], [True]]
    assert "Never, Here" in caplog.text


@pytest.mark.parametrize(
    ("train", "test", "reason"),
    [
        (labels(1, 1), labels(1, 0), "of one class"),
        (pd.DataFrame({"image_id": ["a"]}), pd.DataFrame({"image_id": ["b"]}), "no attributes"),
        (pd.DataFrame({"A": [True, True]}), pd.DataFrame({"A": [True, False]}), "no attributes"),
    ],
)
def test_nothing_to_judge(
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


def test_a_classifier_is_measured_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    said = np.array([[0.9, 0.5], [0.2, 0.1], [0.5, 0.4], [0.4, 0.3]], np.float32)
    monkeypatch.setattr(module, "predictions", lambda classifier, images: said)
    truth = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], bool)
    table = measure_classifier(None, images(4), Targets("attributes", ["A", "B"], truth, truth))
    assert list(table.columns) == list(COLUMNS)
    assert table["output"].tolist() == ["A", "B"]
    expected = [[2, 2, 0.5, 0.5, 0.5, 0.5], [1, 3, 0, 2 / 3, 0.5, 1 / 3]]
    np.testing.assert_allclose(table.drop(columns="output"), expected)
    assert classifier_metrics(table, "attributes") == pytest.approx(
        {"classifier/accuracy": 0.5, "classifier/balanced_accuracy": (1 / 2 + 1 / 3) / 2}
    )


def test_what_is_judged_rightly_is_counted_on_both_sides() -> None:
    truth = np.array([[True, True, True], [False, True, False], [False, True, False]])
    decisions = np.array([[True, True, False], [True, False, True], [False, True, True]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = right_shares(decisions, truth)
    np.testing.assert_array_equal(found, [[1, 2 / 3, 0], [0.5, np.nan, 0]])


def test_labels_that_no_test_image_has_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    said = np.array([[0.5, 0.3, 0.2], [0.1, 0.5, 0.4], [0.6, 0.3, 0.1]], np.float32)
    monkeypatch.setattr(module, "predictions", lambda classifier, images: said)
    targets = find_targets(labels(0, 1, 2), labels(0, 1, 1), CLASSES)
    assert targets is not None
    table = measure_classifier(None, images(3), targets)
    np.testing.assert_array_equal(table["sensitivity"], [1, 0.5, np.nan])
    assert classifier_metrics(table, "labels") == pytest.approx(
        {"classifier/accuracy": 2 / 3, "classifier/balanced_accuracy": 0.75}
    )


def test_files_are_the_same_bytes_and_the_classifier_comes_back(tmp_path: Path) -> None:
    train, test = Split(images(20), labels(*[0, 1] * 10)), Split(images(6), labels(*[0, 1] * 3))
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        # As in a process of its own: layers are numbered from 1, and weights drawn anew.
        keras.utils.clear_session()
        keras.utils.set_random_seed(1)
        metrics = make_classifier(train, test, CLASSES[:2], TINY, folder)
        found.append((metrics, {path.name: path.read_bytes() for path in folder.iterdir()}))
    assert found[0] == found[1]
    assert found[0][1].keys() == {"classifier.keras", "outputs.csv"}
    classifier_pair = load_classifier(tmp_path / "a")
    assert classifier_pair is not None
    classifier, outputs = classifier_pair
    assert predictions(classifier, test.images).shape == (6, 2)
    assert outputs["output"].tolist() == ["coat", "bag"]
    assert classifier_metrics(outputs, "labels") == pytest.approx(found[0][0])


def test_a_classifier_that_is_not_there(tmp_path: Path) -> None:
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
    found = load_classifier(tmp_path / "classifier")
    assert found is not None
    assert found[1]["output"].tolist() == names
    assert found[1]["accuracy"].dtype == np.float64
