"""One MLflow run per training, which later stages find again by the content of its model."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, ParamSpec, Self

import mlflow
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.exceptions import MlflowException
from requests import RequestException
from sqlalchemy.exc import SQLAlchemyError

from latent.errors import InputError
from latent.files import sha256
from latent.tracking.store import open_experiment

MODEL_TAG = "latent.model_sha256"
EXPERIMENT_TAG = "dvc.experiment"
DIGEST_LENGTH = 36  # characters that MLflow keeps of a data set's digest

P = ParamSpec("P")

log = logging.getLogger(__name__)


def model_digest(folder: Path) -> str:
    """Return the SHA-256 of the encoder and the decoder in a model's folder."""
    return sha256(folder / "encoder.keras", folder / "decoder.keras")


@dataclass
class Run:
    """A run of the experiment `experiment`, used as a context manager.

    Tracking serves the result and never decides it: where the store fails, `on_error` says whether
    a warning is logged and the rest of the stage goes untracked, or the stage fails.

    Attributes:
        root: the project's folder, where the store is unless the user names another.
        experiment: the model and its data set, "vae_faces".
        on_error: "warn" or "fail".
        name: of a new run; None for MLflow's choice.
        description: of a new run, in Markdown.
        model: folder of the model whose run is to be continued; None starts a new one.
    """

    root: Path
    experiment: str
    on_error: Literal["warn", "fail"]
    name: str | None = None
    description: str | None = None
    model: Path | None = None
    lost: bool = field(default=False, init=False)
    run_id: str = field(default="", init=False)

    def __enter__(self) -> Self:
        self.attempt(self._start)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        status = "FINISHED"
        if kind is not None:
            status = "KILLED" if issubclass(kind, KeyboardInterrupt) else "FAILED"
        try:
            self.attempt(mlflow.end_run, status)
        except InputError:
            # What went wrong in the block says more than a store that is out of reach.
            if error is None:
                raise

    def attempt(self, action: Callable[P, object], *args: P.args, **options: P.kwargs) -> None:
        """Call `action`, which speaks to MLflow, unless an earlier call found the store lost.

        Raises:
            InputError: the store fails, and `on_error` is "fail".
        """
        if self.lost:
            return
        try:
            action(*args, **options)
        except (MlflowException, RequestException, SQLAlchemyError, OSError) as error:
            self.lost = True
            reason = " ".join(str(error).split())
            if self.on_error == "fail":
                raise InputError(f"MLflow: {reason} (tracking.on_error is fail)") from None
            log.warning("MLflow: %s; the stage goes on untracked", reason)

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log parameters under their keys in params.yaml."""
        self.attempt(mlflow.log_params, dict(params))

    def log_dataset(self, record: Mapping[str, Any]) -> None:
        """Log what the run was trained on, from a data set's dataset.json."""
        source = CodeDatasetSource({"source": record["source"]})
        digest = record["digest"][:DIGEST_LENGTH]
        dataset = MetaDataset(  # type: ignore[abstract]  # its base names no metaclass
            source, name=record["name"], digest=digest
        )
        self.attempt(mlflow.log_input, dataset, context="training")
        tags = {"data.source": record["source"], "data.digest": record["digest"]}
        self.attempt(mlflow.set_tags, tags)

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log numbers; `step` is the epoch, from 1."""
        self.attempt(mlflow.log_metrics, dict(metrics), step=step)

    def log_files(self, path: Path, folder: str) -> None:
        """Log a file, or the content of a folder, under `folder` of the run's artifacts."""
        log_path = mlflow.log_artifacts if path.is_dir() else mlflow.log_artifact
        self.attempt(log_path, str(path), folder)

    def _start(self) -> None:
        open_experiment(self.root, self.experiment)
        digest = model_digest(self.model) if self.model else None
        known = find_run(self.experiment, digest) if digest else None
        started = mlflow.start_run(run_id=known, run_name=self.name, description=self.description)
        self.run_id = started.info.run_id
        # DVC says under which name `dvc exp show` lists the experiment that it runs.
        if not known and "DVC_EXP_NAME" in os.environ:
            mlflow.set_tag(EXPERIMENT_TAG, os.environ["DVC_EXP_NAME"])
        if digest and not known:
            mlflow.set_tag(MODEL_TAG, digest)
            log.warning("MLflow knew no run of %s: a new one holds what follows", self.model)


def find_run(experiment: str, digest: str) -> str | None:
    """Return the id of the newest run of `experiment` whose model has this digest, if any."""
    runs = mlflow.search_runs(
        experiment_names=[experiment],
        filter_string=f"tags.`{MODEL_TAG}` = '{digest}'",
        order_by=["attributes.start_time DESC"],
        max_results=1,
        output_format="list",
    )
    return runs[0].info.run_id if runs else None
