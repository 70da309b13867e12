"""Each epoch of a training, logged as it ends."""

from collections.abc import Mapping

import keras

from latent.models.training import history_name
from latent.tracking.run import Run


class LogEpochs(keras.callbacks.Callback):
    """Logs what Keras reports at the end of an epoch, under the history's names."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Log the epoch's means; epochs count from 1."""
        metrics = {history_name(name): value for name, value in (logs or {}).items()}
        self.run.log_metrics(metrics, step=epoch + 1)
