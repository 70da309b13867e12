"""Judges of images whose kinds are plain to see."""

from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from latent.classifier import network as module
from latent.classifier.network import (
    Images,
    Labelled,
    Targets,
    balanced_crossentropy,
    build_classifier,
    decisions,
    features,
    predictions,
    train_classifier,
)
from latent.models.storage import load_model, save_model
from latent.params import TrainClassifier

SHAPE = (12, 8, 3)
TINY = TrainClassifier(filters=[4], features=6, learning_rate=0.02, batch_size=10, epochs=4, seed=1)


def draw(count: int, seed: int) -> tuple[Images, NDArray[np.bool_]]:
    """Images of which about half are bright on the left, and an eighth red."""
    generator = np.random.default_rng(seed)
    truth = generator.random((count, 2)) < [0.5, 0.125]
    images = generator.integers(0, 60, (count, *SHAPE), np.uint8)
    images[truth[:, 0], :, :4] += 100
    images[truth[:, 1], ..., 0] += 90
    return images, truth


IMAGES, TRUTH = draw(205, 0)
HELD_OUT, HELD_OUT_TRUTH = draw(100, 1)
ATTRIBUTES = Targets("attributes", ["Left", "Red"], TRUTH, HELD_OUT_TRUTH)
# Of the classes "right" and "left".
LABELS = Targets(
    "labels",
    ["right", "left"],
    np.stack([~TRUTH[:, 0], TRUTH[:, 0]], axis=1),
    np.stack([~HELD_OUT_TRUTH[:, 0], HELD_OUT_TRUTH[:, 0]], axis=1),
)


def trained(targets: Targets) -> keras.Model:
    keras.utils.set_random_seed(2)
    return train_classifier(IMAGES, targets, TINY)


@pytest.fixture(scope="module")
def of_attributes() -> keras.Model:
    return trained(ATTRIBUTES)


def test_attributes_are_learnt_the_rare_one_too(of_attributes: keras.Model) -> None:
    judged = decisions(predictions(of_attributes, HELD_OUT), "attributes")
    for has, seen in zip(HELD_OUT_TRUTH.T, judged.T, strict=True):
        assert seen[has].mean() > 0.8
        assert seen[~has].mean() < 0.2


def test_labels_are_learnt_and_their_probabilities_add_up() -> None:
    probabilities = predictions(trained(LABELS), HELD_OUT)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    judged = decisions(probabilities, "labels")
    assert (judged.sum(axis=1) == 1).all()
    assert (judged == LABELS.test).mean() > 0.9


def test_a_classifier_is_the_same_when_loaded(of_attributes: keras.Model, tmp_path: Path) -> None:
    save_model(of_attributes, tmp_path / "classifier.keras")
    loaded = load_model(tmp_path / "classifier.keras")
    for outputs in (predictions, features):
        np.testing.assert_array_equal(outputs(loaded, HELD_OUT), outputs(of_attributes, HELD_OUT))


def test_batches_make_no_difference(
    of_attributes: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = predictions(of_attributes, HELD_OUT), features(of_attributes, HELD_OUT)
    assert [output.shape for output in whole] == [(100, 2), (100, 6)]
    assert {output.dtype for output in whole} == {np.dtype(np.float32)}
    assert (whole[1] >= 0).all()
    monkeypatch.setattr(module, "BATCH_SIZE", 33)
    np.testing.assert_allclose(predictions(of_attributes, HELD_OUT), whole[0], rtol=1e-5)
    np.testing.assert_allclose(features(of_attributes, HELD_OUT), whole[1], rtol=1e-4, atol=1e-5)


def test_no_images_have_no_predictions(of_attributes: keras.Model) -> None:
    assert predictions(of_attributes, HELD_OUT[:0]).shape == (0, 2)
    assert features(of_attributes, HELD_OUT[:0]).shape == (0, 6)


@pytest.mark.parametrize("shape", [(5, 7, 1), (64, 64, 3)], ids=str)
def test_images_may_have_any_shape(shape: tuple[int, int, int]) -> None:
    classifier = build_classifier(TINY, shape, 3, "labels")
    assert predictions(classifier, np.zeros((2, *shape), np.uint8)).shape == (2, 3)


def test_each_epoch_has_all_images_with_what_is_true_of_them() -> None:
    # Of one colour each, which no blur changes, and which tells its number.
    images = np.tile(np.arange(25, dtype=np.uint8)[:, None, None, None], (1, 8, 8, 1))
    truth = np.eye(25, dtype=bool)
    batches = Labelled(images, truth, 10, seed=0)
    orders = []
    for _ in range(2):
        batches.on_epoch_begin()
        found = [batches[index] for index in range(len(batches))]
        assert [len(batch) for batch, _ in found] == [10, 10, 5]
        numbers = np.concatenate([batch[:, 3, 3, 0] for batch, _ in found])
        np.testing.assert_array_equal(
            np.concatenate([true.argmax(axis=1) for _, true in found]), numbers
        )
        orders.append(numbers.tolist())
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(25))


def test_every_other_image_is_blurred() -> None:
    images = np.zeros((20, 16, 16, 1), np.uint8)
    images[:, :, 8:] = 255
    before = images.copy()
    batch, _ = Labelled(images, np.ones((20, 1), bool), 20, seed=0)[0]
    np.testing.assert_array_equal(batch[1::2], before[1::2])
    assert (batch[::2, :, 7] > 0).all()
    # From left to right, and evenly from top to bottom.
    assert (np.diff(batch[::2].astype(int), axis=2) >= 0).all()
    assert not np.diff(batch[::2].astype(int), axis=1).any()
    # The images themselves stay as they are.
    np.testing.assert_array_equal(images, before)


def test_both_sides_of_an_attribute_weigh_the_same() -> None:
    loss = balanced_crossentropy(np.array([0.1, 0.5]))
    truth = np.array([[1, 1], [0, 0]], np.float32)
    guesses = np.full((2, 2), 0.25, np.float32)
    with_it, without = -np.log(0.25), -np.log(0.75)
    expected = [(5 * with_it + with_it) / 2, (without / 1.8 + without) / 2]
    np.testing.assert_allclose(loss(truth, guesses), expected, rtol=1e-5)
