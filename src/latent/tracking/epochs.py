"""Each epoch of a training, logged as it ends."""

from collections.abc import Mapping

import keras
import mlflow
import numpy as np

from latent.models.samples import KeepSamples
from latent.models.training import history_name
from latent.tracking.run import Run

ENLARGED = 3  # pixels of MLflow's page for one of a sample's


class LogEpochs(keras.callbacks.Callback):
    """Logs what Keras reports at the end of an epoch, under the history's names, and the samples.

    Args:
        run: a started run.
        samples: has seen the epoch's end before.
    """

    def __init__(self, run: Run, samples: KeepSamples) -> None:
        super().__init__()
        self.run = run
        self.samples = samples

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Log the epoch's means and its samples, side by side; epochs count from 1."""
        metrics = {history_name(name): value for name, value in (logs or {}).items()}
        self.run.log_metrics(metrics, step=epoch + 1)
        strip = np.concatenate(list(self.samples.epochs[-1]), axis=1)
        strip = strip.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
        self.run.attempt(mlflow.log_image, strip, key="samples", step=epoch + 1)
