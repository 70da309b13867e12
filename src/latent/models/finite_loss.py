"""Stops a training whose loss is NaN or infinite."""

import math
from collections.abc import Mapping

import keras

from latent.errors import InputError


class StopOnNonFiniteLoss(keras.callbacks.Callback):
    """Stops a training as soon as a loss is NaN or infinite, before the epoch is saved.

    In the list of callbacks it must come before those that save results of an epoch.

    Args:
        parameters: names of the model's parameters that may be too large.

    Raises:
        InputError: in the methods below. The message names the epoch, the steps that Keras ran in
            one call, the mean losses of these steps, and what to try.
    """

    def __init__(self, *parameters: str) -> None:
        super().__init__()
        self.advice = f"try a smaller {' or a smaller '.join(parameters)}"
        self.epoch = 0
        self.steps = 0
        self.means: dict[str, float] = {}

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Reset the mean losses."""
        self.epoch = epoch + 1
        self.steps = 0
        self.means = {}

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Check the training losses, which Keras reports as means since the start of the epoch."""
        # Keras overstates `batch` if the last call of an epoch runs fewer steps than the others.
        means, steps = dict(logs or {}), min(batch + 1, self.params["steps"])
        if not all(map(math.isfinite, means.values())):
            losses = {
                name: (steps * mean - self.steps * self.means.get(name, 0.0)) / (steps - self.steps)
                for name, mean in means.items()
            }
            self._stop(f"steps {self.steps + 1} to {steps} of {self.params['steps']}", losses)
        self.steps, self.means = steps, means

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Check the mean losses of the epoch, including those of the test images."""
        if not all(map(math.isfinite, (logs or {}).values())):
            self._stop("on test images", dict(logs or {}))

    def _stop(self, where: str, losses: Mapping[str, float]) -> None:
        values = ", ".join(f"{name} {value:.6g}" for name, value in losses.items())
        raise InputError(
            f"epoch {self.epoch}, {where}: {values}; the epoch is not saved; {self.advice}"
        )
