"""Where MLflow's store is, and how it is reached for the first time."""

import logging
import os
from pathlib import Path

import mlflow
from filelock import FileLock

DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"


def open_experiment(root: Path, name: str) -> None:
    """Make the experiment `name` the current one, in the user's store or the project's own.

    The store is MLFLOW_TRACKING_URI where that is set, else `mlflow.db` in `root` with its
    artifacts beside it. Both are absolute: an experiment that DVC runs in a copy of the tree logs
    to the same store.

    Args:
        root: the project's folder, the original one where a copy of it is running.
        name: created when it is new.
    """
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if "MLFLOW_TRACKING_URI" in os.environ:
        mlflow.set_experiment(name)
        return
    mlflow.set_tracking_uri(f"sqlite:///{root / DATABASE}")
    scratch = root / ".cache"
    scratch.mkdir(exist_ok=True)
    # Two processes that create the database at once would trip over each other.
    with FileLock(scratch / f"{DATABASE}.lock"):
        if mlflow.get_experiment_by_name(name) is None:
            mlflow.create_experiment(name, artifact_location=(root / ARTIFACTS).as_uri())
    mlflow.set_experiment(name)
