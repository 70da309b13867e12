"""Trained models as files: the same bytes for the same model, and the chapter's tables."""

import json
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd

# Sampling must be known to Keras before an encoder that holds one is loaded.
import latent.models.layers  # noqa: F401
from latent.errors import InputError

FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def save_model(model: keras.Model, path: Path) -> None:
    """Write `model` as a .keras file whose bytes depend on nothing but the model.

    Keras writes the date, the zip's time stamps and, as ids of shared objects, addresses in
    memory. They are replaced by a fixed date and by numbers in order of appearance.
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
    numbers: dict[str, int] = {}
    return re.sub(
        r'(?<="shared_object_id": )\d+',
        lambda match: str(numbers.setdefault(match.group(), len(numbers) + 1)),
        config,
    )


def load_model(path: Path) -> keras.Model:
    """Return the model in a .keras file; no code in it is run.

    Raises:
        InputError: the file is missing or damaged.
    """
    if path.exists() and not zipfile.is_zipfile(path):
        raise InputError(f"{path}: is no whole .keras file")
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, KeyError, NotImplementedError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be loaded as a Keras model: {reason}") from None


def layer_table(model: keras.Model) -> pd.DataFrame:
    """Return the chapter's table of a model: a row per layer.

    Returns:
        Columns `layer` (type), `name`, `output_shape` (without the batch, as text) and
        `parameters`.
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
    """Return the models' tables as text, with the sums of their parameters."""
    return "\n".join(
        f"{model.name}\n\n{layer_table(model).to_string(index=False, justify='left')}\n\n"
        f"{model.count_params():,} parameters, {count_not_trainable(model):,} not trainable\n"
        for model in models
    )


def count_not_trainable(model: keras.Model) -> int:
    """Return how many of the model's parameters training leaves as they are."""
    return sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights)


def parameter_counts(encoder: keras.Model, decoder: keras.Model) -> dict[str, int]:
    """Return how many parameters the two models hold, and how many of them training leaves."""
    counts = {}
    for name, model in (("encoder", encoder), ("decoder", decoder)):
        counts[f"parameters/{name}"] = model.count_params()
        counts[f"parameters/{name}_not_trainable"] = count_not_trainable(model)
    return counts
