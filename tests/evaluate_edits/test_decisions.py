"""Decisions of judges whose probabilities are given."""

import numpy as np
import pytest

from latent.evaluate_edits.decisions import (
    NO_VECTOR,
    RECOGNIZED,
    UNSEEN,
    UNSHOWN,
    decide_by,
    find_thresholds,
    statuses,
)


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)[:, np.newaxis]


def count(of: int, total: int) -> np.ndarray:
    return (np.arange(total) < of)[:, np.newaxis]


def test_as_many_images_are_judged_to_have_it_as_do() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.random((200, 3), dtype=np.float32) * np.float32([1, 0.1, 1e-6])
    has = generator.random((200, 3)) < [0.5, 0.1, 0.9]
    thresholds = find_thresholds(probabilities, has)
    assert thresholds.dtype == np.float32
    assert (probabilities >= thresholds).sum(axis=0).tolist() == has.sum(axis=0).tolist()


def test_a_threshold_lies_half_way() -> None:
    assert find_thresholds(column(0.25, 0.75, 0.5, 1), count(2, 4)) == pytest.approx(0.625)
    # A classifier that is certain, and right.
    assert find_thresholds(column(0, 1, 1, 0), count(2, 4)) == 0.5


@pytest.mark.parametrize("of", [0, 4])
def test_what_all_or_none_have_is_judged_so_of_every_image(of: int) -> None:
    threshold = find_thresholds(column(0, 0.5, 0.5, 1), count(of, 4))
    assert (column(0, 1) >= threshold).all() == (of == 4)
    assert (column(0, 1) >= threshold).any() == (of == 4)


def test_a_classifier_of_some_attributes_keeps_their_order() -> None:
    def predict(images: np.ndarray) -> np.ndarray:
        return images.reshape(len(images), -1).astype(np.float32) / 10

    classifier = decide_by(predict, np.array([2, 0]), np.array([0.5, 0.2], np.float32))
    images = np.array([[1, 9, 5], [2, 9, 4]], np.uint8).reshape(2, 1, 3, 1)
    assert classifier(images).tolist() == [[True, False], [False, True]]


def test_the_first_reason_counts() -> None:
    has_vector = np.array([True, False, True, True, True, True])
    real = np.array([0.7, 0.9, 0.69, np.nan, 0.9, 0.9])
    decoded = np.array([0.7, 0.9, 0.2, 0.9, 0.69, np.nan])
    expected = [RECOGNIZED, NO_VECTOR, UNSEEN, UNSEEN, UNSHOWN, UNSHOWN]
    assert statuses(has_vector, real, decoded).tolist() == expected
