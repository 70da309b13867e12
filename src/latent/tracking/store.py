"""Where MLflow's store is, and how it is reached for the first time."""

import logging
import os
from pathlib import Path

import mlflow
from filelock import FileLock

from latent.tracking.descriptions import EXPERIMENTS

DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"
# Lets MLflow's pages show an experiment's runs and curves first, not prompts and traces.
KIND = {"mlflow.experimentKind": "custom_model_development"}

# Stores of projects that this process opened: MLflow writes the address that it is given into
# MLFLOW_TRACKING_URI, which then is not the user's.
_own: set[str] = set()


def open_experiment(root: Path, name: str) -> str:
    """Return the id of the experiment `name`, in the user's store or the project's own.

    The store is MLFLOW_TRACKING_URI where that is set, else `mlflow.db` in `root` with its
    artifacts beside it. Both are absolute: an experiment that DVC runs in a copy of the tree logs
    to the same store.

    Args:
        root: the project's folder, the original one where a copy of it is running.
        name: created when it is new.
    """
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # A failing database it shows with a traceback; `latent.tracking.run` tells of it in a line.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    address = os.environ.get("MLFLOW_TRACKING_URI")
    if address is None or address in _own:
        address = f"sqlite:///{root / DATABASE}"
        _own.add(address)
    mlflow.set_tracking_uri(address)
    # A database holds no files; of itself MLflow would leave them in the working folder.
    artifacts = (root / ARTIFACTS).as_uri() if address.startswith("sqlite:") else None
    scratch = root / ".cache"
    scratch.mkdir(exist_ok=True)
    # Two processes that create the database, or the experiment, at once would trip over each other.
    with FileLock(scratch / "mlflow.lock"):
        known = mlflow.get_experiment_by_name(name)
        if known is not None:
            return str(known.experiment_id)
        tags = {**KIND, "mlflow.note.content": EXPERIMENTS.get(name, "")}
        return mlflow.create_experiment(name, artifact_location=artifacts, tags=tags)
