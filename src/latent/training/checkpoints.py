"""Trainings that go on where they were killed, and end with the same bytes.

What an epoch does is a function of the model, the optimiser and the epoch's number, for the order
of the images and the noise begin anew with each epoch (`latent.training.loop`). So a checkpoint
needs no state of any random generator.
"""

import json
import logging
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np

from latent.io.files import whole_folder
from latent.training.progress import Progress

# Of the model and its optimiser. No .weights.h5: HDF5 takes the process with it on a full disk.
VARIABLES = "variables.npz"
ROWS = "rows.json"
SAMPLES = "samples.npy"

log = logging.getLogger(__name__)


class Checkpoints(keras.callbacks.Callback):
    """Keeps the newest state of a training in a scratch folder, whole or not at all.

    Args:
        folder: the scratch of this training and of no other; it need not exist.
        every: epochs from one checkpoint to the next; the last epoch always makes one.
        progress: has seen the end of an epoch before.
    """

    def __init__(self, folder: Path, every: int, progress: Progress) -> None:
        super().__init__()
        self.folder = folder
        self.every = every
        self.progress = progress

    def restore(self, model: keras.Model) -> int:
        """Put the newest checkpoint into `model`, its optimiser and the progress.

        Args:
            model: compiled and built.

        Returns:
            The number of epochs that are done, 0 where there is no checkpoint.
        """
        model.optimizer.build(model.trainable_variables)
        variables = _variables(model)
        for checkpoint in sorted(self.folder.glob("epoch-*"), reverse=True):
            try:
                rows = json.loads((checkpoint / ROWS).read_text(encoding="utf-8"))
                samples = list(np.load(checkpoint / SAMPLES, allow_pickle=False))
                with np.load(checkpoint / VARIABLES, allow_pickle=False) as file:
                    values = [file[str(number)] for number in range(len(variables))]
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
                # Only a machine that lost its power leaves one: a rename can outrun the content.
                log.warning("%s: no whole checkpoint, left aside: %s", checkpoint, error)
                continue
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
            self.progress.rows, self.progress.samples = rows, samples
            log.info("The training goes on after epoch %d, from %s", len(rows), checkpoint)
            return len(rows)
        return 0

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Keep the state as it stands, and drop the one before."""
        done = epoch + 1
        if done % self.every and done != self.params["epochs"]:
            return
        earlier = list(self.folder.glob("epoch-*"))
        # Of four digits, as an epoch has at most: the order of names is that of epochs.
        with whole_folder(self.folder / f"epoch-{done:04}") as folder:
            values = {
                str(number): keras.ops.convert_to_numpy(variable)
                for number, variable in enumerate(_variables(self.model))
            }
            np.savez(folder / VARIABLES, allow_pickle=False, **values)
            (folder / ROWS).write_text(json.dumps(self.progress.rows), encoding="utf-8")
            np.save(folder / SAMPLES, np.stack(self.progress.samples))
        for checkpoint in earlier:
            shutil.rmtree(checkpoint)


def _variables(model: keras.Model) -> list[keras.Variable]:
    learnt = [variable for variable in model.variables if variable is not model.images]
    return [*learnt, *model.optimizer.variables]
