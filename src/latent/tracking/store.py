"""Opens the MLflow store."""

import logging
import os
from pathlib import Path

import mlflow
from filelock import FileLock
from mlflow.entities import Experiment, LifecycleStage
from mlflow.store.db.db_types import DATABASE_ENGINES
from mlflow.utils.file_utils import local_file_uri_to_path
from mlflow.utils.uri import get_uri_scheme

from latent.tracking.address import (
    ARTIFACTS,
    REGISTRY_URI,
    absolute_address,
    store_address,
)
from latent.tracking.descriptions import EXPERIMENTS

# Makes MLflow's pages show an experiment's runs and curves first, not prompts and traces.
KIND = {"mlflow.experimentKind": "custom_model_development"}
# With these variables, notebooks and CI systems name a run or a model of their own, or tags of a
# run. MLflow would log every training there.
FOREIGN = (
    "MLFLOW_RUN_ID",
    "MLFLOW_RUN_CONTEXT",
    "MLFLOW_ACTIVE_MODEL_ID",
    "_MLFLOW_ACTIVE_MODEL_ID",
)

log = logging.getLogger(__name__)


def open_store(root: Path) -> str:
    """Set up MLflow's client for the project's store, and return the store's address.

    The store is MLFLOW_TRACKING_URI if that is set. The default is `mlflow.db` in `root`. All
    paths are absolute: an experiment that DVC runs in a copy of the project uses the same store.

    Args:
        root: the project's folder. In a copy that DVC made, the folder of the original project.

    Raises:
        InputError: the database's driver is not installed.
    """
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Each retry is a warning of its own.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    # MLflow logs database errors with a traceback. `latent.tracking.run` logs them in one line.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    for name in FOREIGN:
        if os.environ.pop(name, None):
            log.info("MLflow: %s is ignored, because every training has its own run", name)
    address = store_address(root)
    if registry := os.environ.get(REGISTRY_URI):
        os.environ[REGISTRY_URI] = absolute_address(registry, root)
    mlflow.set_tracking_uri(address)
    if is_database(address):
        # Imported here, because the background thread has time for it.
        from latent.tracking.database import prepare_database  # noqa: PLC0415

        with _lock(root):
            prepare_database(address, root)
    return address


def open_experiment(root: Path, name: str) -> str:
    """Open the store, and return the id of the experiment `name`, which is created if it is new.

    In a database without a tracking server, its artifacts are in `mlartifacts` in `root`. A deleted
    experiment is restored, because MLflow keeps its name.

    Args:
        root: the project's folder. In a copy that DVC made, the folder of the original project.
        name: the experiment's name.

    Raises:
        InputError: the database's driver is not installed.
    """
    address = open_store(root)
    # With a database, MLflow's default for artifacts is the working folder.
    artifacts = (root / ARTIFACTS).as_uri() if is_database(address) else None
    with _lock(root):
        experiment = mlflow.get_experiment_by_name(name)
        if experiment is None:
            tags = {**KIND, "mlflow.note.content": EXPERIMENTS.get(name, "")}
            return mlflow.create_experiment(name, artifact_location=artifacts, tags=tags)
        if experiment.lifecycle_stage == LifecycleStage.DELETED:
            mlflow.MlflowClient().restore_experiment(experiment.experiment_id)
            log.warning("MLflow: the experiment %s was deleted. It is restored with its runs", name)
    if artifacts:
        _check_artifacts(experiment)
    return str(experiment.experiment_id)


def is_database(address: str) -> bool:
    """Return whether an address is that of a database, not of a tracking server or a folder."""
    return get_uri_scheme(address) in DATABASE_ENGINES


def is_server(address: str) -> bool:
    """Return whether an address is that of a tracking server."""
    return not is_database(address) and get_uri_scheme(address) != "file"


def _lock(root: Path) -> FileLock:
    """Return a lock. Two processes must not create the database or an experiment at once."""
    cache = root / ".cache"
    cache.mkdir(exist_ok=True)
    return FileLock(cache / "mlflow.lock")


def _check_artifacts(experiment: Experiment) -> None:
    """Warn if the experiment's artifact folder was in a project that was moved or deleted."""
    location = experiment.artifact_location
    folder = Path(local_file_uri_to_path(location))
    if get_uri_scheme(location) in ("", "file") and not folder.parent.is_dir():
        log.warning(
            "MLflow: the experiment %s keeps its files in %s, which does not exist. For a new "
            "experiment in this project, run `mlflow experiments rename --experiment-id %s "
            "--new-name NAME`",
            *(experiment.name, folder, experiment.experiment_id),
        )
