"""What made a model: as a record beside it, and as the key of its training's scratch."""

import hashlib
import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from latent.io.files import sha256
from latent.models.runtime import backend, device

# What a model's data set says of itself that its training depends on.
DATA = ("name", "source", "digest", "images", "shape")
SOURCES = Path(__file__).parents[1]
# They can change no model: parameters are recorded by value, and the others look on.
NO_INFLUENCE = ("params", "errors", "locks", "tracking", "serving")


def describe_provenance(record: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a training's result depends on, beside its code and the type of processor.

    Args:
        record: the data set's dataset.json.
        params: the parameters that the training reads, under their keys in params.yaml.

    Returns:
        `data`, `parameters`, `packages` (versions) and `device` ("cpu", "gpu"). It holds nothing of
        when, where and by whom.
    """
    packages = {name: version(name) for name in ("keras", backend(), "numpy", "h5py")}
    return {
        "data": {name: record[name] for name in DATA},
        "parameters": dict(params),
        "packages": {"python": ".".join(map(str, sys.version_info[:2])), **packages},
        "device": device(),
    }


def training_key(provenance: Mapping[str, Any]) -> str:
    """Return what is the same for two trainings only if they end with the same bytes.

    It is the SHA-256 of the provenance and of this package's code, as far as it is loaded. (The
    code is no part of the provenance: a better comment would make another model of it.)
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
