"""What every entry point needs: the project's folder, its parameters, and one way to fail."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from latent.errors import InputError
from latent.params import Params, load_params

# Under `dvc exp run --temp` the working folder is a copy of the tree; what belongs to the project
# and not to the copy (MLflow's store, a relative path of the user's) counts from the original.
ROOT = Path(os.environ.get("DVC_ROOT", ".")).resolve()


def read_params() -> Params:
    """Return the parameters of the tree that the stage runs in."""
    return load_params(Path("params.yaml"))


def processed(dataset: str) -> Path:
    """Return the folder of a processed data set."""
    return Path("data/processed", dataset)


def trained(model: str) -> Path:
    """Return the folder of a trained model."""
    return Path("models", model)


def run(stage: Callable[..., None]) -> None:
    """Call `stage` with the words of the command line; an `InputError` ends it in one line."""
    # Forced, since libraries that were imported by now may have made handlers of their own.
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, force=True)
    try:
        stage(*sys.argv[1:])
    except InputError as error:
        sys.exit(f"ERROR: {error}")
