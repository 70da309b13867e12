"""Saves and loads trained models, and describes them in tables like those of the chapter."""

import json
import math
import re
import zipfile
from pathlib import Path

import keras
import pandas as pd

# Registers the project's layers with Keras, which must happen before an encoder is loaded.
import latent.models.layers  # noqa: F401
from latent.errors import InputError

FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def save_model(model: keras.Model, path: Path) -> None:
    """Write `model` as a .keras file whose bytes depend only on the model.

    Keras also writes the current date, time stamps in the zip file, and memory addresses as ids of
    shared objects. This function replaces the dates by a fixed date and the ids by numbers in order
    of appearance.
    """
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(members["metadata.json"])
    metadata["date_saved"] = "1980-01-01@00:00:00"
    members["metadata.json"] = json.dumps(metadata).encode()
    members["config.json"] = _renumber(members["config.json"].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), members[name])


def _renumber(config: str) -> str:
    """Replace the ids of shared objects by 1, 2, … in order of appearance."""
    numbers: dict[str, int] = {}
    return re.sub(
        r'(?<="shared_object_id": )\d+',
        lambda match: str(numbers.setdefault(match.group(), len(numbers) + 1)),
        config,
    )


def load_model(path: Path) -> keras.Model:
    """Return the model in a .keras file, without running code from the file.

    Raises:
        InputError: the file is missing or damaged.
    """
    if path.exists() and not zipfile.is_zipfile(path):
        raise InputError(f"{path}: not a complete .keras file")
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, KeyError, NotImplementedError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be loaded as a Keras model: {reason}") from None


def layer_table(model: keras.Model) -> pd.DataFrame:
    """Return a table of the model's layers, like those of the chapter.

    Returns:
        A row per layer. Columns: `layer` (type), `name`, `output_shape` (text, without the batch
        dimension) and `parameters`.
    """
    return pd.DataFrame(
        {
            "layer": type(layer).__name__,
            "name": layer.name,
            "output_shape": "×".join(str(side) for side in layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
    )


def summary(*models: keras.Model) -> str:
    """Return the tables of the models as text, with the total numbers of parameters."""
    return "\n".join(
        f"{model.name}\n\n{layer_table(model).to_string(index=False, justify='left')}\n\n"
        f"{model.count_params():,} parameters, {count_not_trainable(model):,} not trainable\n"
        for model in models
    )


def count_not_trainable(model: keras.Model) -> int:
    """Return the number of parameters that are not trained by gradient descent."""
    return sum(math.prod(weight.shape) for weight in model.non_trainable_weights)


def parameter_counts(encoder: keras.Model, decoder: keras.Model) -> dict[str, int]:
    """Return the numbers of parameters and of non-trainable parameters of both models."""
    counts = {}
    for name, model in (("encoder", encoder), ("decoder", decoder)):
        counts[f"parameters/{name}"] = model.count_params()
        counts[f"parameters/{name}_not_trainable"] = count_not_trainable(model)
    return counts
