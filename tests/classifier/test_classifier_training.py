"""Training of the classifier: what it learns, its batches and its loss."""

import keras
import numpy as np
import pytest
from labelled_images import LABELS, TEST_IMAGES, TEST_TRUTH, TINY, TRAIN_IMAGES

from latent.classifier.network import decisions, predictions
from latent.classifier.targets import Targets
from latent.classifier.training import TrainingBatches, balanced_crossentropy, train_classifier
from latent.errors import InputError
from latent.models.batch_norm import few_steps_warning


def test_frequent_and_rare_attributes_are_learnt(attribute_classifier: keras.Model) -> None:
    decided = decisions(predictions(attribute_classifier, TEST_IMAGES), "attributes")
    for truth, decision in zip(TEST_TRUTH.T, decided.T, strict=True):
        assert decision[truth].mean() > 0.8
        assert decision[~truth].mean() < 0.2


def test_labels_are_learnt_and_their_probabilities_sum_to_1() -> None:
    keras.utils.set_random_seed(2)
    probabilities = predictions(train_classifier(TRAIN_IMAGES, LABELS, TINY), TEST_IMAGES)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    decided = decisions(probabilities, "labels")
    assert (decided.sum(axis=1) == 1).all()
    assert (decided == LABELS.test).mean() > 0.9


def test_each_epoch_contains_all_images_with_their_targets() -> None:
    # Each image has a constant value, which the blur does not change: its number.
    images = np.tile(np.arange(25, dtype=np.uint8)[:, None, None, None], (1, 8, 8, 1))
    batches = TrainingBatches(images, np.eye(25, dtype=bool), 10, seed=0)
    orders = []
    for _ in range(2):
        batches.on_epoch_begin()
        epoch = [batches[index] for index in range(len(batches))]
        assert [len(batch) for batch, _ in epoch] == [10, 10, 5]
        numbers = np.concatenate([batch[:, 3, 3, 0] for batch, _ in epoch])
        np.testing.assert_array_equal(
            np.concatenate([targets.argmax(axis=1) for _, targets in epoch]), numbers
        )
        orders.append(numbers.tolist())
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(25))


def test_no_batch_is_small() -> None:
    images = np.zeros((21, 8, 8, 1), np.uint8)
    batches = TrainingBatches(images, np.ones((21, 1), bool), 10, seed=0)
    assert [len(batches[index][0]) for index in range(len(batches))] == [7, 7, 7]


def test_one_image_is_not_enough() -> None:
    targets = Targets("labels", ["a", "b"], LABELS.train[:1], LABELS.test)
    with pytest.raises(InputError, match="1 training image is not enough"):
        train_classifier(TRAIN_IMAGES[:1], targets, TINY)


def test_a_training_with_few_steps_ends_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    # 205 images in batches of 80: three steps per epoch.
    params = TINY.model_copy(update={"batch_size": 80, "epochs": 14})
    train_classifier(TRAIN_IMAGES, LABELS, params)
    assert [record.getMessage() for record in caplog.records] == [few_steps_warning(42)]
    caplog.clear()
    train_classifier(TRAIN_IMAGES, LABELS, params.model_copy(update={"epochs": 15}))
    assert caplog.records == []


def test_a_non_finite_loss_ends_the_training_with_advice() -> None:
    params = TINY.model_copy(update={"learning_rate": 1e38})
    with pytest.raises(InputError) as caught:
        train_classifier(TRAIN_IMAGES, LABELS, params)
    # A classifier has no other parameter that could be too large.
    assert str(caught.value).endswith("the epoch is not saved; try a smaller learning_rate")


def test_every_second_image_is_blurred() -> None:
    images = np.zeros((20, 16, 16, 1), np.uint8)
    images[:, :, 8:] = 255
    before = images.copy()
    batch, _ = TrainingBatches(images, np.ones((20, 1), bool), 20, seed=0)[0]
    np.testing.assert_array_equal(batch[1::2], before[1::2])
    assert (batch[::2, :, 7] > 0).all()
    # The vertical edge is blurred horizontally, and the columns stay constant.
    assert (np.diff(batch[::2].astype(int), axis=2) >= 0).all()
    assert not np.diff(batch[::2].astype(int), axis=1).any()
    # The original images are not changed.
    np.testing.assert_array_equal(images, before)


def test_images_with_and_without_an_attribute_have_the_same_total_weight() -> None:
    loss = balanced_crossentropy(np.array([0.1, 0.5]))
    targets = np.array([[1, 1], [0, 0]], np.float32)
    probabilities = np.full((2, 2), 0.25, np.float32)
    with_loss, without_loss = -np.log(0.25), -np.log(0.75)
    expected = [(5 * with_loss + with_loss) / 2, (without_loss / 1.8 + without_loss) / 2]
    np.testing.assert_allclose(loss(targets, probabilities), expected, rtol=1e-5)
