"""An MLflow run that a stage logs to, without depending on the store."""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec

import mlflow
from mlflow.entities import Metric, RunTag
from mlflow.entities import Run as Entity
from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_TIMEOUT

from latent.errors import InputError, hide_credentials
from latent.io.files import sha256
from latent.params import Tracking
from latent.tracking.background import BackgroundWorker
from latent.tracking.store import open_experiment

MODEL_TAG = "latent.model_sha256"
INTERRUPT_PATIENCE = 0.5  # seconds that the stage waits for MLflow after Ctrl-C

P = ParamSpec("P")

log = logging.getLogger(__name__)


class Run:
    """A run of an MLflow experiment.

    Tracking never changes a stage's result. All calls to MLflow are made in a background thread.
    At its end, the stage waits up to `settings.patience` seconds for them. If the store fails, the
    stage logs a warning and continues without tracking. With `on_error: fail`, the stage also
    waits at its start, and ends with an error if the store fails there.

    Files are logged after metrics and the run's end. If they fail, for example because the server
    is slow, only files are missing, and the next stage logs them.

    Args:
        root: the project's folder, which contains the default store.
        experiment: the model's name, such as "vae_faces".
        settings: the section `tracking` of params.yaml.

    Attributes:
        experiment_id: MLflow's id of the experiment; empty until the store is open.
        run_id: MLflow's id of the run; empty until the run is started.
        failure: the error, as one line, after which nothing more is logged; empty if there was
            no error.
        files_failure: the error, as one line, after which no more files are logged.
    """

    def __init__(self, root: Path, experiment: str, settings: Tracking) -> None:
        self.root = root
        self.experiment = experiment
        self.settings = settings
        self.experiment_id = ""
        self.run_id = ""
        self.failure = ""
        self.files_failure = ""
        self._files: list[Callable[[], object]] = []
        self._has_ended = False
        # With on_error=fail, a failure at the start is raised, not logged.
        self._warns = settings.on_error == "warn"
        self._worker = BackgroundWorker(self._set_failure)

    @contextmanager
    def started(self, start: Callable[[], None], end: Callable[[str], None]) -> Iterator[None]:
        """Submit `start`, run the block, and submit `end`.

        Args:
            start: starts the run in MLflow.
            end: ends it. Its argument is MLflow's status: "FINISHED", "FAILED", or "KILLED" after
                Ctrl-C.

        Raises:
            InputError: the store fails at the start, and `on_error` is "fail".
        """
        self.submit(self._open)
        self.submit(start)
        if self.settings.on_error == "fail":
            self._worker.wait(self.settings.patience)
            if self.failure:
                raise InputError(f"MLflow: {self.failure} (tracking.on_error is fail)")
            self._warns = True
        status, patience = "FINISHED", float(self.settings.patience)
        try:
            yield
        except KeyboardInterrupt:
            status, patience = "KILLED", INTERRUPT_PATIENCE
            # If this time is too short, the model's next training sets the run's status.
            self._warns = False
            raise
        except BaseException:
            status = "FAILED"
            raise
        finally:
            self._worker.submit(partial(end, status), always=True)
            self.submit(self._log_files)
            self._worker.wait(patience)

    def submit(self, action: Callable[P, object], *args: P.args, **options: P.kwargs) -> None:
        """Have the background thread call `action`, unless an earlier action has failed."""
        self._worker.submit(partial(action, *args, **options))

    def submit_files(self, action: Callable[P, object], *args: P.args, **options: P.kwargs) -> None:
        """Have the background thread call `action`, which logs files, after the run's end."""
        self._files.append(partial(action, *args, **options))

    def try_files(self, action: Callable[P, object], *args: P.args, **options: P.kwargs) -> None:
        """Call `action`, which logs files, unless files have failed before.

        After an error, which is logged as a warning, metrics can still be logged.
        """
        if self.files_failure:
            return
        try:
            action(*args, **options)
        except Exception as error:
            self._set_files_failure(error)

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log metrics of the whole run, at step 0, except those that it has already.

        In their names, "/" becomes ".". MLflow's page of charts has a section for each name before
        a "/", in alphabetical order. So the sections of the losses per epoch are the first.
        """
        client = mlflow.MlflowClient()
        logged = client.get_run(self.run_id).data.metrics
        new = {name.replace("/", "."): float(value) for name, value in metrics.items()}
        now = int(time.time() * 1000)
        points = [Metric(*item, now, 0) for item in new.items() if item not in logged.items()]
        client.log_batch(self.run_id, metrics=points)

    def log_files(self, path: Path, folder: str) -> None:
        """Log a file, or the files of a folder, to the artifact folder `folder`."""
        client = mlflow.MlflowClient()
        log_path = client.log_artifacts if path.is_dir() else client.log_artifact
        log_path(self.run_id, str(path), folder)

    def log_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags of the run. Values are converted to strings."""
        run_tags = [RunTag(name, str(value)) for name, value in tags.items()]
        mlflow.MlflowClient().log_batch(self.run_id, tags=run_tags)

    def _open(self) -> None:
        self.experiment_id = open_experiment(self.root, self.experiment)

    def _log_files(self) -> None:
        self._has_ended = True
        for action in self._files:
            self.try_files(action)

    def _set_failure(self, error: BaseException) -> None:
        if self._has_ended:  # the stage did not wait longer for the files
            self._set_files_failure(error)
            return
        self.failure = describe(error)
        if self._warns:
            advice = _advise(error)
            log.warning("MLflow: %s. The stage continues without tracking%s", self.failure, advice)

    def _set_files_failure(self, error: BaseException) -> None:
        if self.files_failure:
            return
        self.files_failure = describe(error)
        if self._warns:
            text = "MLflow: %s. The run lacks files, which the model's next stage logs%s"
            log.warning(text, self.files_failure, _advise(error))


def _advise(error: BaseException) -> str:
    """Return what to do about an error, as the end of a sentence; "" if that is unknown."""
    if re.search("no answer|time(d )?out", str(error), re.IGNORECASE):
        return (
            "; if the server is slow, increase tracking.patience and the environment variable "
            f"MLFLOW_HTTP_REQUEST_TIMEOUT ({MLFLOW_HTTP_REQUEST_TIMEOUT.get()} seconds)"
        )
    if isinstance(error, OSError) and mlflow.get_tracking_uri().startswith("http"):
        return "; start the server with --serve-artifacts, or make its artifact folder writable"
    return ""


def describe(error: BaseException) -> str:
    """Return an error of MLflow in one line, without passwords."""
    is_explained = isinstance(error, InputError)
    reason = str(error) if is_explained else f"{type(error).__name__}: {error}"
    reason = hide_credentials(" ".join(reason.split()))
    # An error of the network repeats the address three times.
    reason = re.sub(r" with exception \w+\(.*\(Caused by (.*)\)$", r": \1", reason)
    # A database error includes the SQL statement with all its values, and a link.
    return re.split(r" \[SQL: | \(Background on this error", reason)[0].rstrip(".")


def model_digest(folder: Path) -> str:
    """Return the SHA-256 of the encoder and the decoder in a model's folder."""
    return sha256(folder / "encoder.keras", folder / "decoder.keras")


def find_runs(experiment: str, tag: str, value: str) -> list[Entity]:
    """Return the runs of `experiment` whose `tag` has this value, newest first."""
    found: list[Entity] = mlflow.search_runs(
        experiment_names=[experiment],
        filter_string=f"tags.`{tag}` = '{value}'",
        order_by=["attributes.start_time DESC"],
        output_format="list",
    )
    return found
