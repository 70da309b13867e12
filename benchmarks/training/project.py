"""Trains as the project's stage does: `python -m benchmarks.training.project …`."""

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.training.count import count_multiply_adds
from benchmarks.training.worker import Worker
from benchmarks.training.workload import EPOCHS, parse_workload
from latent.latent_space.sampling import sample_prior
from latent.models.networks import build_decoder, build_variational_encoder
from latent.models.runtime import configure
from latent.training.checkpoints import Checkpoints
from latent.training.loop import train
from latent.training.progress import Progress
from latent.training.vae import VAE


class TimedProgress(Progress):
    """Times each epoch from its start to the start of its evaluation on the test images.

    Args:
        worker: The worker of this process.
        z: Points that are decoded after each epoch, as in a stage.
    """

    def __init__(self, worker: Worker, z: NDArray[np.float32]) -> None:
        super().__init__(z, lambda rows, images: None)
        self.worker = worker

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Report the previous epoch and wait for the next turn."""
        if self.rows:
            last = self.rows[-1]
            self.worker.report(loss=last["train/loss"], test_loss=last["test/loss"])
        self.worker.begin()

    def on_test_begin(self, logs: object = None) -> None:
        """End the turn."""
        self.worker.stop()


def main() -> None:
    """Train until there are no more turns."""
    worker, workload = Worker(), parse_workload()
    precision, shape = sys.argv[3], workload.images.shape[1:]
    params = workload.params.model_copy(update={"precision": precision})
    configure(workload.threads, params.seed)
    encoder = build_variational_encoder(params, shape, params.seed)
    decoder = build_decoder(params, shape)
    model = VAE(encoder, decoder, params.loss, params.reconstruction_weight)
    z = sample_prior(params.samples, params.latent_dim, params.seed)
    progress = TimedProgress(worker, z)
    worker.describe(
        library=f"keras {version('keras')}",
        parameters=[encoder.count_params(), decoder.count_params()],
        multiply_adds=count_multiply_adds(encoder, decoder),
    )
    with tempfile.TemporaryDirectory() as folder:
        train(
            model,
            workload.images,
            workload.test_images,
            params.model_copy(update={"epochs": EPOCHS}),
            progress,
            Checkpoints(Path(folder), 1, progress),
        )


if __name__ == "__main__":
    main()
