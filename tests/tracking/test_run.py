"""Tests of runs and their store: its location, what it contains, and concurrent writers."""

import shutil
import threading
from pathlib import Path

import mlflow
import pytest
from tiny_store import (
    EXPERIMENT,
    FAIL,
    PROVENANCE,
    WARN,
    runs,
    start,
    warnings_in,
)

from latent.errors import InputError
from latent.params import Tracking
from latent.tracking.run import Run, describe, model_digest
from latent.tracking.training import training_run

# A training that logs many metrics while other processes do the same.
WRITER = """
import sys
from pathlib import Path
from tiny_store import EXPERIMENT, FAIL, PROVENANCE, ROWS, SAMPLES
from latent.tracking.epochs import log_epochs
from latent.tracking.training import training_run
print("ready", flush=True)
sys.stdin.readline()
rows = [{**ROWS[0], "epoch": epoch} for epoch in range(1, 11)]
with training_run(Path(sys.argv[1]), EXPERIMENT, FAIL, sys.argv[2], PROVENANCE, {}) as run:
    for count in range(1, 11):
        run.submit(log_epochs, run, rows[:count], [SAMPLES[0]] * count)
    run.submit(run.log_metrics, {"writer": float(sys.argv[2])})
sys.exit(run.failure or None)
"""


pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("a note", encoding="utf-8")
    return path


def log(root: Path, note: Path, experiment: str = EXPERIMENT) -> str:
    """Log metrics, a file, a folder and a tag; return the run's id."""
    folder = note.parent / "figures"
    folder.mkdir(exist_ok=True)
    (folder / "figure.txt").write_text("a figure", encoding="utf-8")
    with training_run(root, experiment, FAIL, "key", PROVENANCE, {}) as run:
        run.submit(run.log_metrics, {"loss": 1, "auc": 0.1 + 0.2})
        run.submit(run.log_files, note, "model")
        run.submit(run.log_files, folder, "figures")
        run.submit(run.log_tags, {"tag": "value"})
    assert run.failure == ""
    return run.run_id


def test_a_run_contains_everything_that_is_logged(root: Path, note: Path) -> None:
    run_id = log(root, note)
    (entity,) = runs()
    assert entity.data.metrics == {"loss": 1.0, "auc": 0.1 + 0.2}
    assert entity.data.tags["tag"] == "value"
    artifacts = root / "mlartifacts" / run_id / "artifacts"
    assert (artifacts / "model" / "note.txt").read_text(encoding="utf-8") == "a note"
    assert (artifacts / "figures" / "figure.txt").read_text(encoding="utf-8") == "a figure"
    # The run has ended for this thread too.
    assert mlflow.active_run() is None


def test_the_default_store_is_in_the_projects_folder(
    root: Path, note: Path, tmp_path: Path, client: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "copy of the project"
    elsewhere.mkdir()
    client.chdir(elsewhere)
    log(root, note)
    assert len(runs()) == 1
    assert mlflow.get_tracking_uri() == f"sqlite+pysqlite:///{root / 'mlflow.db'}"
    assert len(list((root / "mlartifacts").rglob("note.txt"))) == 1
    assert list(elsewhere.iterdir()) == []


def test_two_projects_in_one_process_have_their_own_stores(tmp_path: Path, note: Path) -> None:
    for name in ("ae_fashion", "vae_fashion"):
        root = tmp_path / name
        root.mkdir()
        log(root, note, name)
        assert (root / "mlflow.db").is_file()
        experiment = mlflow.get_experiment_by_name(name)
        assert experiment.artifact_location == (root / "mlartifacts").as_uri()


def test_mlflow_tracking_uri_takes_precedence(
    tmp_path: Path, note: Path, empty_store: Path, client: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    shutil.copy(empty_store, tmp_path / "mine.db")
    client.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mine.db'}")
    client.chdir(tmp_path)
    log(root, note)
    assert not (root / "mlflow.db").exists()
    assert [entity.data.metrics["loss"] for entity in runs()] == [1.0]


def test_a_stage_does_not_wait_for_the_store_if_on_error_is_warn(root: Path) -> None:
    started = threading.Event()
    run = Run(root, EXPERIMENT, WARN)
    # The start of the run waits for the stage. If the stage waited too, this would time out.
    with run.started(lambda: None if started.wait(30) else pytest.fail("waited"), lambda _: None):
        started.set()
    assert run.failure == ""


def test_a_stage_waits_for_the_store_if_on_error_is_fail(root: Path) -> None:
    settings = Tracking(on_error="fail", patience=0.2)
    proceed = threading.Event()
    run = Run(root, EXPERIMENT, settings)
    with (
        pytest.raises(InputError, match="no answer"),
        run.started(lambda: proceed.wait(30), lambda _: None),
    ):
        pytest.fail("the stage began")
    proceed.set()


def test_files_are_logged_after_the_end_and_a_failure_does_not_prevent_metrics(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fail(name: str) -> None:
        done.append(name)
        raise OSError("a full disk")

    run = Run(root, EXPERIMENT, WARN)
    with run.started(lambda: None, done.append):
        run.submit_files(fail, "first file")
        run.submit_files(fail, "second file")
        run.submit(done.append, "metrics")
    assert done == ["metrics", "FINISHED", "first file"]
    assert run.failure == ""
    (warning,) = warnings_in(caplog)
    assert "a full disk. The run lacks files" in warning


def test_files_that_take_longer_than_patience_are_a_warning(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    proceed = threading.Event()
    statuses: list[str] = []
    run = Run(root, EXPERIMENT, Tracking(on_error="warn", patience=1))
    with run.started(lambda: None, statuses.append):
        run.submit_files(proceed.wait, 30)
        run._worker.wait(60)
    proceed.set()
    assert statuses == ["FINISHED"]
    assert run.failure == ""
    (warning,) = warnings_in(caplog)
    assert "no answer within 1 seconds. The run lacks files" in warning
    assert "tracking.patience" in warning
    assert "MLFLOW_HTTP_REQUEST_TIMEOUT" in warning


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:se/cr@et@runs.example/a", "https://runs.example/a"),
        ("https://secret@runs.example", "https://runs.example"),
        ("postgresql://me:secret@host/a?x=1&password=sec@ret&y=2", "postgresql://host/a?"),
        ("postgresql://host/a?password=sec@ret&y=2", "postgresql://host/a?password=***&y=2"),
        ("https://runs.example/a", "https://runs.example/a"),
    ],
)
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_an_error_shows_no_password(address: str, shown: str, quote: str) -> None:
    reason = describe(InputError(f"{quote}{address}{quote} failed for you@example.org"))
    assert f"{quote}{shown}" in reason
    assert reason.endswith(" failed for you@example.org")
    assert not any(part in reason for part in ("me:", "se/cr", "sec", "ret"))


def test_a_models_digest_depends_on_both_files(tmp_path: Path) -> None:
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()
        for part in ("encoder", "decoder"):
            (folder / f"{part}.keras").write_text(part, encoding="utf-8")
    first, same = folders
    assert model_digest(first) == model_digest(same)
    digest = model_digest(first)
    for part in ("encoder", "decoder"):
        (same / f"{part}.keras").write_text("changed", encoding="utf-8")
        assert model_digest(same) != digest
        digest = model_digest(same)


def test_processes_can_write_to_a_new_store_at_the_same_time(tmp_path: Path) -> None:
    writers = [start(WRITER, tmp_path, number, cwd=tmp_path) for number in range(3)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n", writer.communicate()[1]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate()
        assert writer.returncode == 0, errors
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    found = runs()
    assert sorted(entity.data.metrics["writer"] for entity in found) == [0.0, 1.0, 2.0]
    assert {entity.info.status for entity in found} == {"FINISHED"}
    for entity in found:
        history = mlflow.MlflowClient().get_metric_history(entity.info.run_id, "train/loss")
        assert [point.step for point in history] == list(range(1, 11))
