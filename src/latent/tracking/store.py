"""Opens the MLflow store."""

import logging
import os
from pathlib import Path

import mlflow
from filelock import FileLock

from latent.tracking.descriptions import EXPERIMENTS

DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"
# Makes MLflow's pages show an experiment's runs and curves first, not prompts and traces.
KIND = {"mlflow.experimentKind": "custom_model_development"}

# Default stores that this process has opened. MLflow writes its address into MLFLOW_TRACKING_URI,
# where it must not be mistaken for a setting of the user.
_default_stores: set[str] = set()


def open_experiment(root: Path, name: str) -> str:
    """Open the store, and return the id of the experiment `name`, which is created if it is new.

    The store is MLFLOW_TRACKING_URI if that is set. The default is `mlflow.db` in `root`, with the
    artifacts in `mlartifacts`. Both paths are absolute: an experiment that DVC runs in a copy of
    the project logs to the same store.

    Args:
        root: the project's folder. In a copy that DVC made, the folder of the original project.
        name: the experiment's name.
    """
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # MLflow logs database errors with a traceback. `latent.tracking.run` logs them in one line.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    address = os.environ.get("MLFLOW_TRACKING_URI")
    if address is None or address in _default_stores:
        address = f"sqlite:///{root / DATABASE}"
        _default_stores.add(address)
    mlflow.set_tracking_uri(address)
    # With a database, MLflow's default for artifacts is the working folder.
    artifacts = (root / ARTIFACTS).as_uri() if address.startswith("sqlite:") else None
    cache = root / ".cache"
    cache.mkdir(exist_ok=True)
    # Two processes must not create the database or the experiment at the same time.
    with FileLock(cache / "mlflow.lock"):
        experiment = mlflow.get_experiment_by_name(name)
        if experiment is not None:
            return str(experiment.experiment_id)
        tags = {**KIND, "mlflow.note.content": EXPERIMENTS.get(name, "")}
        return mlflow.create_experiment(name, artifact_location=artifacts, tags=tags)
