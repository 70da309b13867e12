"""Stops a training whose loss is NaN or infinite."""

import math
from collections.abc import Mapping

import keras

from latent.errors import InputError

ADVICE = "try a smaller learning_rate or a smaller reconstruction_weight"


class StopOnNonFiniteLoss(keras.callbacks.Callback):
    """Ends a training as soon as a loss is infinite or no number, before anything is kept.

    It must hear of an epoch's end before those who keep something of it.

    Raises:
        InputError: in the methods below; names the epoch, the steps that Keras took at a time, the
            mean of their losses and what to try.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoch = 0
        self.steps = 0
        self.means: dict[str, float] = {}

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Begin the means anew."""
        self.epoch = epoch + 1
        self.steps = 0
        self.means = {}

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Look at the losses of the steps, which Keras tells as means since the epoch's begin."""
        # Where the last steps of an epoch are fewer, Keras counts as if they were not.
        means, steps = dict(logs or {}), min(batch + 1, self.params["steps"])
        if not all(map(math.isfinite, means.values())):
            losses = {
                name: (steps * mean - self.steps * self.means.get(name, 0.0)) / (steps - self.steps)
                for name, mean in means.items()
            }
            self._stop(f"steps {self.steps + 1} to {steps} of {self.params['steps']}", losses)
        self.steps, self.means = steps, means

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Look at the means over the held-out images."""
        if not all(map(math.isfinite, (logs or {}).values())):
            self._stop("on held-out images", dict(logs or {}))

    def _stop(self, where: str, losses: Mapping[str, float]) -> None:
        told = ", ".join(f"{name} {value:.6g}" for name, value in losses.items())
        raise InputError(f"epoch {self.epoch}, {where}: {told}; nothing is saved; {ADVICE}")
