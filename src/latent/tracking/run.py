"""What the runs of all stages share: a store that may fail, and a model to be found by."""

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

from latent.errors import InputError
from latent.io.files import sha256
from latent.params import Tracking
from latent.tracking.background import Link
from latent.tracking.store import open_experiment

MODEL_TAG = "latent.model_sha256"
# An address may hold a name and a password: http://name:password@host.
CREDENTIALS = re.compile(r"://[^/@\s]*@")
INTERRUPTED = 0.5  # seconds that somebody who pressed Ctrl-C is kept waiting

P = ParamSpec("P")

log = logging.getLogger(__name__)


class Run:
    """A run of the experiment `experiment`.

    Tracking serves the result and never decides it. A store that is out of reach when the stage
    starts costs it its tracking or its start, as `settings.on_error` says; from then on it costs
    tracking only. MLflow is told in a thread of its own, for which the stage waits at its end,
    `settings.patience` seconds at most, and as long at its start if that is at stake.

    Args:
        root: the project's folder, where the store is unless the user names another.
        experiment: the model and its data set, "vae_faces".
        settings: what a failure costs, and how long the stage waits.

    Attributes:
        experiment_id: MLflow's, once the store is open.
        run_id: MLflow's, once the run is started.
    """

    def __init__(self, root: Path, experiment: str, settings: Tracking) -> None:
        self.root = root
        self.experiment = experiment
        self.settings = settings
        self.experiment_id = ""
        self.run_id = ""
        self.lost = ""
        # At the start, a failure may be told as an error instead.
        self.warns = settings.on_error == "warn"
        self._link = Link(self._lose)

    @contextmanager
    def started(self, start: Callable[[], None], end: Callable[[str], None]) -> Iterator[None]:
        """Call `start`, do the block, and call `end` with what MLflow calls the block's outcome.

        Raises:
            InputError: the store fails at the start, and `on_error` is "fail".
        """
        self.attempt(self._open)
        self.attempt(start)
        if self.settings.on_error == "fail":
            self._link.wait(self.settings.patience)
            if self.lost:
                raise InputError(f"MLflow: {self.lost} (tracking.on_error is fail)")
            self.warns = True
        status, patience = "FINISHED", float(self.settings.patience)
        try:
            yield
        except KeyboardInterrupt:
            status, patience = "KILLED", INTERRUPTED
            # If there is no time to say so, the next training of the model will.
            self.warns = False
            raise
        except BaseException:
            status = "FAILED"
            raise
        finally:
            self.attempt(end, status)
            self._link.wait(patience)

    def attempt(self, action: Callable[P, object], *args: P.args, **options: P.kwargs) -> None:
        """Have `action`, which speaks to MLflow, called, unless the store was found lost."""
        self._link.post(partial(action, *args, **options))

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log numbers of the run as a whole."""
        now = int(time.time() * 1000)
        points = [Metric(name, float(value), now, 0) for name, value in metrics.items()]
        mlflow.MlflowClient().log_batch(self.run_id, metrics=points)

    def log_files(self, path: Path, folder: str) -> None:
        """Log a file, or the content of a folder, under `folder` of the run's artifacts."""
        client = mlflow.MlflowClient()
        log_path = client.log_artifacts if path.is_dir() else client.log_artifact
        log_path(self.run_id, str(path), folder)

    def log_tags(self, tags: Mapping[str, Any]) -> None:
        """Log words that the run can be found by."""
        words = [RunTag(name, str(value)) for name, value in tags.items()]
        mlflow.MlflowClient().log_batch(self.run_id, tags=words)

    def _open(self) -> None:
        self.experiment_id = open_experiment(self.root, self.experiment)

    def _lose(self, error: BaseException) -> None:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        # A database adds the statement that failed, with all its values.
        self.lost = CREDENTIALS.sub("://", reason).split(" [SQL: ")[0]
        if self.warns:
            log.warning("MLflow: %s; the stage goes on untracked", self.lost)


def model_digest(folder: Path) -> str:
    """Return the SHA-256 of the encoder and the decoder in a model's folder."""
    return sha256(folder / "encoder.keras", folder / "decoder.keras")


def find_runs(experiment: str, tag: str, value: str) -> list[Entity]:
    """Return the runs of `experiment` whose `tag` has this value, the newest first."""
    found: list[Entity] = mlflow.search_runs(
        experiment_names=[experiment],
        filter_string=f"tags.`{tag}` = '{value}'",
        order_by=["attributes.start_time DESC"],
        output_format="list",
    )
    return found
