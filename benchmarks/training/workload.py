"""What every candidate trains, and on what."""

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.clone import ROOT
from latent.errors import InputError
from latent.io.dataset import read_array
from latent.params import TrainVAE, load_params

# A turn is an epoch, and no benchmark asks for so many.
EPOCHS = 4_000
HELD_OUT = 500
# That of `latent.models.layers`: not imported, as PyTorch's process is to be without TensorFlow.
MOMENTUM = 0.9


@dataclass(frozen=True)
class Workload:
    """A VAE of params.yaml, and images to train it on.

    Attributes:
        params: of the model and its training.
        threads: that a candidate may compute with.
        images: uint8 (N, H, W, C), mapped from disk; N is a multiple of the batch size.
        held_out: uint8 (M, H, W, C), the first test images.
    """

    params: TrainVAE
    threads: int
    images: NDArray[np.uint8]
    held_out: NDArray[np.uint8]


def scale(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return images in memory as float32 in [0, 1], as the chapter does (example 3-2)."""
    return images.astype(np.float32) / np.float32(255)


def read_workload(dataset: str, images: int) -> Workload:
    """Return the workload of a data set, on no more images than asked for.

    Raises:
        InputError: the processed data set is missing, or `images` is less than a batch.
    """
    params = load_params(ROOT / "params.yaml")
    section: TrainVAE = params.train_vae[dataset]
    folder = ROOT / "data/processed" / dataset
    train, test = (read_array(folder / f"{split}.npy") for split in ("train", "test"))
    batches = min(images, len(train)) // section.batch_size
    if batches < 1:
        raise InputError(f"{images} images, of {len(train)}, are no batch of {section.batch_size}")
    count = batches * section.batch_size
    return Workload(section, params.runtime.threads, train[:count], test[:HELD_OUT])


def given_workload() -> Workload:
    """Return the workload that the first two words of a candidate's command line name."""
    return read_workload(sys.argv[1], int(sys.argv[2]))
