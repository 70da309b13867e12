"""Trainings that take a second, with all that they leave."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
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


def draw_images(count: int, seed: int) -> Images:
    """Images of two kinds, bright on the left or at the top, with some noise."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 40, (count, *SHAPE), np.uint8)
    images[::2, :, :4] += 200
    images[1::2, :4] += 200
    return images


# Six batches of eight, the last one short; and three, whose last one is short and unlike the
# others, so that a mean of batch means would differ from the mean of all.
TRAIN_IMAGES = draw_images(45, 1)
HELD_OUT = draw_images(21, 2)
HELD_OUT[-5:] //= 4


@dataclass
class Trained:
    """A trained model and what its training reported."""

    model: keras.Model
    progress: Progress

    @property
    def history(self) -> pd.DataFrame:
        return self.progress.history()

    def weights(self) -> bytes:
        return b"".join(weight.tobytes() for weight in self.model.get_weights())

    def everything(self) -> tuple[bytes, bytes, list[dict[str, float]], bytes]:
        """Weights, the optimiser's state, losses and samples, to the last bit."""
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


def tell_nobody(rows: object, samples: object) -> None:
    pass


def train_anew(
    model: keras.Model,
    params: TrainVAE,
    scratch: Path,
    *,
    images: Images = TRAIN_IMAGES,
    every: int = 1,
    tell: Listener = tell_nobody,
) -> Trained:
    """Train `model`, or let its training go on from what `scratch` holds."""
    progress = Progress(Z, tell)
    train(model, images, HELD_OUT, params, progress, Checkpoints(scratch, every, progress))
    return Trained(model, progress)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def warnings_of(name: str) -> Iterator[list[str]]:
    """Yield what the logger `name` warns of in the block."""
    told: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    handler = Keep(logging.WARNING)
    logging.getLogger(name).addHandler(handler)
    try:
        yield told
    finally:
        logging.getLogger(name).removeHandler(handler)
