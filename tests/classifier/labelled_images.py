"""Images with obvious attributes: bright on the left, and red."""

import numpy as np
from numpy.typing import NDArray

from latent.classifier.network import Images
from latent.classifier.targets import Targets
from latent.params import TrainClassifier

SHAPE = (12, 8, 3)
TINY = TrainClassifier(filters=[4], features=6, learning_rate=0.02, batch_size=10, epochs=4, seed=1)


def make_images(count: int, seed: int) -> tuple[Images, NDArray[np.bool_]]:
    """Return images, half of them bright on the left and an eighth red, and their attributes."""
    generator = np.random.default_rng(seed)
    truth = generator.random((count, 2)) < [0.5, 0.125]
    images = generator.integers(0, 60, (count, *SHAPE), np.uint8)
    images[truth[:, 0], :, :4] += 100
    images[truth[:, 1], ..., 0] += 90
    return images, truth


TRAIN_IMAGES, TRAIN_TRUTH = make_images(205, 0)
TEST_IMAGES, TEST_TRUTH = make_images(100, 1)
ATTRIBUTES = Targets("attributes", ["Left", "Red"], TRAIN_TRUTH, TEST_TRUTH)
LABELS = Targets(
    "labels",
    ["right", "left"],
    np.stack([~TRAIN_TRUTH[:, 0], TRAIN_TRUTH[:, 0]], axis=1),
    np.stack([~TEST_TRUTH[:, 0], TEST_TRUTH[:, 0]], axis=1),
)
