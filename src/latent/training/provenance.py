"""Describes what a trained model depends on, and identifies a training by a hash."""

import hashlib
import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from latent.io.files import sha256
from latent.models.runtime import backend, device

# Keys of dataset.json that a training depends on.
DATA = ("name", "source", "digest", "images", "shape", "preparation")
SOURCES = Path(__file__).parents[1]
# Modules that cannot change a model. Parameters are recorded by value.
NO_INFLUENCE = ("params", "errors", "locks", "tracking", "serving")


def describe_provenance(record: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the result of a training depends on, except its code and the type of CPU.

    Args:
        record: content of the dataset's dataset.json.
        params: the parameters that the training reads, with their dotted keys in params.yaml.

    Returns:
        `data`, `parameters`, `packages` (versions) and `device` ("cpu", "gpu" or "tpu"). It
        contains no times, machine names, paths or user names.
    """
    packages = {name: version(name) for name in ("keras", backend(), "numpy", "h5py")}
    return {
        "data": {name: record[name] for name in DATA},
        "parameters": dict(params),
        "packages": {"python": ".".join(map(str, sys.version_info[:2])), **packages},
        "device": device(),
    }


def training_key(provenance: Mapping[str, Any]) -> str:
    """Return a key that two trainings share only if they end with the same bytes.

    The key is the SHA-256 of the provenance and of the loaded modules of this package. The code is
    not part of the provenance, because an edited comment would then change the files of a model.
    """
    content = json.dumps([provenance, sha256(*_loaded_modules())], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _loaded_modules() -> list[Path]:
    files = {Path(getattr(module, "__file__", None) or "") for module in sys.modules.values()}
    return sorted(
        file
        for file in files
        if file.is_relative_to(SOURCES)
        and file.relative_to(SOURCES).with_suffix("").parts[0] not in NO_INFLUENCE
    )
