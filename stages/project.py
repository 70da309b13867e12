"""The project that a stage runs in: its folder and its parameters."""

import os
from pathlib import Path

from latent.params import Params, load_params

# `dvc exp run --temp` runs a stage in a copy of the project. What belongs to the original, such as
# MLflow's store or a relative path that the user gave, is relative to this folder.
ROOT = Path(os.environ.get("DVC_ROOT", ".")).resolve()


def read_params() -> Params:
    """Return the parameters in the working folder's params.yaml."""
    return load_params(Path("params.yaml"))
