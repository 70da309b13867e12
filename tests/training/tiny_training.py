"""Trainings that take a second, and their complete results."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.params import TrainVAE
from latent.training.autoencoder import Autoencoder
from latent.training.checkpoints import Checkpoints
from latent.training.loop import train
from latent.training.progress import Listener, Progress
from latent.training.vae import VAE

Images = NDArray[np.uint8]

SHAPE = (8, 8, 1)
Z = np.random.default_rng(3).standard_normal((4, 2), np.float32)


def make_images(count: int, seed: int) -> Images:
    """Images of two classes, bright on the left or at the top, with some noise."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 40, (count, *SHAPE), np.uint8)
    images[::2, :, :4] += 200
    images[1::2, :4] += 200
    return images


# With 8 images per batch: six batches of training images and three of test images, the last one
# shorter. The last test images are darker, so the mean of the batch means differs from the mean.
TRAIN_IMAGES = make_images(45, 1)
TEST_IMAGES = make_images(21, 2)
TEST_IMAGES[-5:] //= 4


@dataclass
class Trained:
    """A trained model and the progress of its training."""

    model: keras.Model
    progress: Progress

    @property
    def history(self) -> pd.DataFrame:
        return self.progress.history()

    def weights(self) -> bytes:
        return b"".join(weight.tobytes() for weight in self.model.get_weights())

    def results(self) -> tuple[bytes, bytes, list[dict[str, float]], bytes]:
        """Weights, state of the optimizer, losses and samples, for exact comparisons."""
        optimizer = b"".join(
            np.asarray(variable).tobytes() for variable in self.model.optimizer.variables
        )
        samples = np.stack(self.progress.samples).tobytes()
        return self.weights(), optimizer, self.progress.rows, samples


def make_autoencoder(params: TrainVAE) -> Autoencoder:
    keras.utils.set_random_seed(params.seed)
    return Autoencoder(build_encoder(params, SHAPE), build_decoder(params, SHAPE), params.loss)


def make_vae(params: TrainVAE) -> VAE:
    keras.utils.set_random_seed(params.seed)
    encoder = build_variational_encoder(params, SHAPE, params.seed)
    decoder = build_decoder(params, SHAPE)
    return VAE(encoder, decoder, params.loss, params.reconstruction_weight)


def ignore(rows: object, samples: object) -> None:
    """A listener that does nothing."""


def run_training(
    model: keras.Model,
    params: TrainVAE,
    folder: Path,
    *,
    images: Images = TRAIN_IMAGES,
    every: int = 1,
    listener: Listener = ignore,
) -> Trained:
    """Train `model`, starting from the latest checkpoint in `folder` if there is one."""
    progress = Progress(Z, listener)
    train(model, images, TEST_IMAGES, params, progress, Checkpoints(folder, every, progress))
    return Trained(model, progress)


def file_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
