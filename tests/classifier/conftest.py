"""A trained classifier for several test modules."""

import keras
import pytest
from labelled_images import ATTRIBUTES, TINY, TRAIN_IMAGES

from latent.classifier.training import train_classifier


@pytest.fixture(scope="package")
def attribute_classifier() -> keras.Model:
    keras.utils.set_random_seed(2)
    return train_classifier(TRAIN_IMAGES, ATTRIBUTES, TINY)
