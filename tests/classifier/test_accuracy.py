"""The accuracy of a classifier with known predictions."""

import warnings

import numpy as np
import pytest

from latent.classifier import accuracy as module
from latent.classifier.accuracy import (
    COLUMNS,
    classifier_metrics,
    measure_classifier,
    sensitivity_specificity,
)
from latent.classifier.targets import Targets


def test_accuracy_of_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    probabilities = np.array([[0.9, 0.5], [0.2, 0.1], [0.5, 0.4], [0.4, 0.3]], np.float32)
    monkeypatch.setattr(module, "predictions", lambda classifier, images: probabilities)
    truth = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], bool)
    images = np.zeros((4, 8, 8, 1), np.uint8)
    table = measure_classifier(None, images, Targets("attributes", ["A", "B"], truth, truth))
    assert list(table.columns) == list(COLUMNS)
    assert table["output"].tolist() == ["A", "B"]
    expected = [[2, 2, 0.5, 0.5, 0.5, 0.5], [1, 3, 0, 2 / 3, 0.5, 1 / 3]]
    np.testing.assert_allclose(table.drop(columns="output"), expected)
    assert classifier_metrics(table, "attributes") == pytest.approx(
        {"classifier/accuracy": 0.5, "classifier/balanced_accuracy": (1 / 2 + 1 / 3) / 2}
    )


def test_sensitivity_and_specificity() -> None:
    truth = np.array([[True, True, True], [False, True, False], [False, True, False]])
    decided = np.array([[True, True, False], [True, False, True], [False, True, True]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rates = sensitivity_specificity(decided, truth)
    np.testing.assert_array_equal(rates, [[1, 2 / 3, 0], [0.5, np.nan, 0]])


def test_labels_without_test_images_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.5, 0.4], [0.6, 0.3, 0.1]], np.float32)
    monkeypatch.setattr(module, "predictions", lambda classifier, images: probabilities)
    labels = np.eye(3, dtype=bool)
    targets = Targets("labels", ["coat", "bag", "hat"], labels, labels[[0, 1, 1]])
    table = measure_classifier(None, np.zeros((3, 8, 8, 1), np.uint8), targets)
    np.testing.assert_array_equal(table["sensitivity"], [1, 0.5, np.nan])
    assert classifier_metrics(table, "labels") == pytest.approx(
        {"classifier/accuracy": 2 / 3, "classifier/balanced_accuracy": 0.75}
    )
