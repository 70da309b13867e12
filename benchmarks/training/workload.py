"""The model and the images that all candidates train."""

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.clone import ROOT
from latent.errors import InputError
from latent.io.dataset import read_array
from latent.params import TrainVAE, load_params

# Maximum number of turns. Each turn is one epoch.
EPOCHS = 4_000
TEST_IMAGES = 500
# As in `latent.models.layers`, which is not imported here because it would load TensorFlow.
MOMENTUM = 0.9


@dataclass(frozen=True)
class Workload:
    """A VAE of params.yaml and its images.

    Attributes:
        params: Parameters of the model and its training.
        threads: Number of threads of a candidate.
        images: Training images, uint8 (N, H, W, C), memory-mapped. N is a multiple of the batch
            size.
        test_images: The first test images, uint8 (M, H, W, C).
    """

    params: TrainVAE
    threads: int
    images: NDArray[np.uint8]
    test_images: NDArray[np.uint8]


def scale(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return images as a float32 array in [0, 1], as in the chapter (example 3-2)."""
    return images.astype(np.float32) / np.float32(255)


def read_workload(dataset: str, images: int) -> Workload:
    """Return the workload of a dataset.

    Args:
        dataset: "fashion" or "faces".
        images: Maximum number of training images.

    Raises:
        InputError: The processed dataset is missing, or there is less than one batch of images.
    """
    params = load_params(ROOT / "params.yaml")
    section: TrainVAE = params.train_vae[dataset]
    folder = ROOT / "data/processed" / dataset
    train, test = (read_array(folder / f"{split}.npy") for split in ("train", "test"))
    available = min(images, len(train))
    if available < section.batch_size:
        raise InputError(
            f"{folder}: {available} training images are fewer than a batch of {section.batch_size}"
        )
    count = available - available % section.batch_size
    return Workload(section, params.runtime.threads, train[:count], test[:TEST_IMAGES])


def parse_workload() -> Workload:
    """Return the workload of the first two command-line arguments: dataset and images."""
    return read_workload(sys.argv[1], int(sys.argv[2]))
