"""Checkpoints, from which a killed training continues and ends with the same bytes.

The result of an epoch depends only on the model, the optimizer and the number of the epoch, because
the order of the images and the noise are restarted in each epoch (`latent.training.loop`). So a
checkpoint contains no state of random generators.
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

# Variables of the model and the optimizer. Not .weights.h5: HDF5 aborts the process on a full disk.
VARIABLES = "variables.npz"
ROWS = "rows.json"
SAMPLES = "samples.npy"

log = logging.getLogger(__name__)


class Checkpoints(keras.callbacks.Callback):
    """Saves the latest state of a training in a folder, whole or not at all.

    Args:
        folder: folder of this training only; it is created when needed.
        every: number of epochs between checkpoints. The last epoch is always saved.
        progress: the callback that records the epochs. It must come earlier in the list of
            callbacks.
    """

    def __init__(self, folder: Path, every: int, progress: Progress) -> None:
        super().__init__()
        self.folder = folder
        self.every = every
        self.progress = progress

    def restore(self, model: keras.Model) -> int:
        """Load the latest complete checkpoint into `model`, its optimizer and `progress`.

        Args:
            model: a compiled and built model.

        Returns:
            The number of completed epochs, 0 without a checkpoint.
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
                # Possible after a power failure: a folder may be renamed before its files are on
                # the disk.
                log.warning("%s: incomplete checkpoint ignored: %s", checkpoint, error)
                continue
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
            self.progress.rows, self.progress.samples = rows, samples
            log.info("Resuming the training after epoch %d from %s", len(rows), checkpoint)
            return len(rows)
        return 0

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Save the current state and delete earlier checkpoints."""
        done = epoch + 1
        if done % self.every and done != self.params["epochs"]:
            return
        earlier = list(self.folder.glob("epoch-*"))
        # Four digits are enough (`latent.params.section.Epochs`), so names sort by epoch.
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
    """Return the variables of the model and its optimizer, without images on the device."""
    variables = [variable for variable in model.variables if variable is not model.images]
    return [*variables, *model.optimizer.variables]
