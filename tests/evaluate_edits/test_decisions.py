"""Thresholds and decisions for known probabilities."""

import numpy as np
import pytest

from latent.evaluate_edits.decisions import (
    NO_VECTOR,
    NOT_IN_REAL_IMAGES,
    NOT_IN_RECONSTRUCTIONS,
    RECOGNIZED,
    prevalence_thresholds,
    recognition_status,
    threshold_classifier,
)


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)[:, np.newaxis]


def first(count: int, total: int) -> np.ndarray:
    return (np.arange(total) < count)[:, np.newaxis]


def test_decisions_are_positive_as_often_as_the_attribute_is_true() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.random((200, 3), dtype=np.float32) * np.float32([1, 0.1, 1e-6])
    truth = generator.random((200, 3)) < [0.5, 0.1, 0.9]
    thresholds = prevalence_thresholds(probabilities, truth)
    assert thresholds.dtype == np.float32
    assert (probabilities >= thresholds).sum(axis=0).tolist() == truth.sum(axis=0).tolist()


def test_threshold_is_between_two_probabilities() -> None:
    assert prevalence_thresholds(column(0.25, 0.75, 0.5, 1), first(2, 4)) == pytest.approx(0.625)
    # Certain and correct probabilities.
    assert prevalence_thresholds(column(0, 1, 1, 0), first(2, 4)) == 0.5


@pytest.mark.parametrize("count", [0, 4])
def test_attribute_of_all_or_no_images_has_an_infinite_threshold(count: int) -> None:
    threshold = prevalence_thresholds(column(0, 0.5, 0.5, 1), first(count, 4))
    assert (column(0, 1) >= threshold).all() == (count == 4)
    assert (column(0, 1) >= threshold).any() == (count == 4)


def test_decisions_are_in_the_order_of_the_columns() -> None:
    def predict(images: np.ndarray) -> np.ndarray:
        return images.reshape(len(images), -1).astype(np.float32) / 10

    classify = threshold_classifier(predict, np.array([2, 0]), np.array([0.5, 0.2], np.float32))
    images = np.array([[1, 9, 5], [2, 9, 4]], np.uint8).reshape(2, 1, 3, 1)
    assert classify(images).tolist() == [[True, False], [False, True]]


def test_status_is_the_first_reason() -> None:
    has_vector = np.array([True, False, True, True, True, True])
    real = np.array([0.7, 0.9, 0.69, np.nan, 0.9, 0.9])
    decoded = np.array([0.7, 0.9, 0.2, 0.9, 0.69, np.nan])
    expected = [
        RECOGNIZED,
        NO_VECTOR,
        NOT_IN_REAL_IMAGES,
        NOT_IN_REAL_IMAGES,
        NOT_IN_RECONSTRUCTIONS,
        NOT_IN_RECONSTRUCTIONS,
    ]
    assert recognition_status(has_vector, real, decoded).tolist() == expected
