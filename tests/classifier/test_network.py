"""The outputs of the classifier's network."""

from pathlib import Path

import keras
import numpy as np
import pytest
from labelled_images import TEST_IMAGES, TINY

from latent.classifier import network as module
from latent.classifier.network import build_classifier, features, predictions
from latent.models.storage import load_model, save_model


def test_saved_classifier_returns_the_same_outputs(
    attribute_classifier: keras.Model, tmp_path: Path
) -> None:
    save_model(attribute_classifier, tmp_path / "classifier.keras")
    loaded = load_model(tmp_path / "classifier.keras")
    for outputs in (predictions, features):
        np.testing.assert_array_equal(
            outputs(loaded, TEST_IMAGES), outputs(attribute_classifier, TEST_IMAGES)
        )


def test_outputs_do_not_depend_on_the_batch_size(
    attribute_classifier: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [output(attribute_classifier, TEST_IMAGES) for output in (predictions, features)]
    assert [output.shape for output in expected] == [(100, 2), (100, 6)]
    assert {output.dtype for output in expected} == {np.dtype(np.float32)}
    assert (expected[1] >= 0).all()
    monkeypatch.setattr(module, "BATCH_SIZE", 33)
    np.testing.assert_allclose(
        predictions(attribute_classifier, TEST_IMAGES), expected[0], rtol=1e-5
    )
    np.testing.assert_allclose(
        features(attribute_classifier, TEST_IMAGES), expected[1], rtol=1e-4, atol=1e-5
    )


def test_no_images_give_empty_outputs(attribute_classifier: keras.Model) -> None:
    assert predictions(attribute_classifier, TEST_IMAGES[:0]).shape == (0, 2)
    assert features(attribute_classifier, TEST_IMAGES[:0]).shape == (0, 6)


@pytest.mark.parametrize("shape", [(5, 7, 1), (64, 64, 3)], ids=str)
def test_images_may_have_any_shape(shape: tuple[int, int, int]) -> None:
    classifier = build_classifier(TINY, shape, 3, "labels")
    assert predictions(classifier, np.zeros((2, *shape), np.uint8)).shape == (2, 3)
