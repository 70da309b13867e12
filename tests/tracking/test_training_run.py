"""Tests of the run of a training: its content, its final status, and how it is resumed."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import psutil
import pytest
from tiny_store import (
    EXPERIMENT,
    FAIL,
    PROVENANCE,
    ROWS,
    SAMPLES,
    logged_params,
    runs,
    sample_images,
    series,
    start,
)

from latent.errors import InputError
from latent.tracking.epochs import SCALE, log_epochs, log_samples
from latent.tracking.run import Run
from latent.tracking.system_tags import PROCESS_TAG, has_ended, origin_tags, this_process
from latent.tracking.training import RESUMED_TAG, training_run

KEY = "0a" * 32

# Starts a training, logs an epoch, prints the run's id, and waits for a line of input or a kill.
TRAINING = """
import sys
from pathlib import Path
from tiny_store import EXPERIMENT, FAIL, PROVENANCE, ROWS, SAMPLES
from latent.tracking.epochs import log_epochs
from latent.tracking.training import training_run
with training_run(Path(sys.argv[1]), EXPERIMENT, FAIL, sys.argv[2], PROVENANCE, {}) as run:
    run.submit(log_epochs, run, ROWS[:1], list(SAMPLES[:1]))
    run._worker.wait(60)
    print(run.run_id, flush=True)
    sys.stdin.readline()
"""

# Is killed right after MLflow has created the run.
STARTING = """
import os, signal, sys
from pathlib import Path
import mlflow
from tiny_store import EXPERIMENT, FAIL, PROVENANCE
from latent.tracking.training import training_run
start_run = mlflow.start_run
def start_and_die(**options):
    start_run(**options)
    os.kill(os.getpid(), signal.SIGKILL)
mlflow.start_run = start_and_die
with training_run(Path(sys.argv[1]), EXPERIMENT, FAIL, sys.argv[2], PROVENANCE, {}):
    pass
"""


pytestmark = pytest.mark.usefixtures("client")


def train(root: Path, key: str = KEY, **params: Any) -> str:
    """Log a training that ends normally; return the run's id."""
    with training_run(root, EXPERIMENT, FAIL, key, PROVENANCE, params) as run:
        run.submit(log_epochs, run, ROWS, list(SAMPLES))
    return run.run_id


def stop(root: Path, key: str = KEY, error: type[BaseException] = KeyboardInterrupt) -> str:
    """Log a training that `error` stops after its first epoch; return the run's id."""
    with (
        pytest.raises(error),
        training_run(root, EXPERIMENT, FAIL, key, PROVENANCE, {}) as run,
    ):
        run.submit(log_epochs, run, ROWS[:1], list(SAMPLES[:1]))
        run._worker.wait(FAIL.patience)
        raise error("stop")
    return run.run_id


def test_a_new_run_contains_everything_that_the_training_depends_on(
    root: Path, client: pytest.MonkeyPatch
) -> None:
    client.setenv("DVC_EXP_NAME", "cool-cats")
    run_id = train(root, **{"download.fashion.source": "sample"})

    (entity,) = runs()
    assert entity.info.run_id == run_id
    assert entity.info.status == "FINISHED"
    assert entity.info.run_name == "sample, 2-D, 2 epochs"
    assert entity.data.params == {**logged_params(PROVENANCE), "download.fashion.source": "sample"}
    tags = entity.data.tags
    assert "synthetic sample data" in tags["mlflow.note.content"]
    assert tags["latent.training"] == KEY
    assert tags["data.source"] == "sample"
    assert tags["data.digest"] == PROVENANCE["data"]["digest"]
    assert tags["package.keras"] == "3.15"
    assert tags["package.python"] == "3.11"
    assert tags["dvc.experiment"] == "cool-cats"
    assert RESUMED_TAG not in tags
    (dataset,) = entity.inputs.dataset_inputs
    assert dataset.dataset.name == "fashion"
    assert PROVENANCE["data"]["digest"].startswith(dataset.dataset.digest)
    assert '"sample"' in dataset.dataset.source
    assert [(tag.key, tag.value) for tag in dataset.tags] == [("mlflow.data.context", "training")]


def test_locations_are_not_logged(root: Path) -> None:
    private = {
        "download.fashion.location": "https://me:secret@mirror.example",
        "download.fashion.folder.location": "~/garments",
    }
    train(root, **private, **{"download.fashion.source": "idx"})
    (entity,) = runs()
    assert entity.data.params == {**logged_params(PROVENANCE), "download.fashion.source": "idx"}


def test_tags_describe_the_machine(root: Path) -> None:
    train(root)
    (entity,) = runs()
    tags = entity.data.tags
    assert tags["machine.host"] == socket.gethostname()
    assert tags["machine.cores"] == str(os.cpu_count())
    for name in ("system", "processor", "python"):
        assert tags[f"machine.{name}"]
    assert tags[PROCESS_TAG] == this_process()
    # The working folder of these tests is not in a git repository.
    assert not [name for name in tags if name.startswith("git.")]
    assert "dvc.experiment" not in tags


def test_tags_list_uncommitted_changes(tmp_path: Path, client: pytest.MonkeyPatch) -> None:
    client.chdir(tmp_path)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    (tmp_path / "src").mkdir()
    for name in ("src/code.py", "params.yaml", "README.md"):
        (tmp_path / name).write_text("1", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], check=True)
    # Before the first commit, changes are undefined.
    assert "git.dirty" not in origin_tags()
    for command in (["add", "-A"], [*identity, "commit", "-qm", "Begin"]):
        subprocess.run(["git", *command], check=True)
    (tmp_path / "README.md").write_text("2", encoding="utf-8")
    clean = origin_tags()
    assert (clean["git.dirty"], clean.get("git.changed")) == ("false", None)
    for name in ("src/code.py", "params.yaml"):
        (tmp_path / name).write_text("2", encoding="utf-8")
    dirty = origin_tags()
    assert (dirty["git.dirty"], dirty["git.changed"]) == ("true", "params.yaml, src/code.py")


def test_each_epoch_is_logged_with_its_losses_and_its_samples(root: Path) -> None:
    train(root)
    (entity,) = runs()
    for name in ("train/loss", "test/loss"):
        # Values must be equal to the last bit.
        assert series(entity, name) == [(row["epoch"], row[name]) for row in ROWS]
    assert "epoch" not in entity.data.metrics
    assert [step for step, _ in sample_images(entity)] == [1, 2]


def test_the_samples_of_an_epoch_are_logged_next_to_each_other(root: Path) -> None:
    train(root)
    (entity,) = runs()
    for (_, name), samples in zip(sample_images(entity), SAMPLES, strict=True):
        image = mlflow.artifacts.load_image(f"runs:/{entity.info.run_id}/images/{name}")
        found = np.asarray(image)[::SCALE, ::SCALE]
        np.testing.assert_array_equal(found, np.concatenate(samples[..., 0], axis=1))


@pytest.mark.parametrize("separator", ["+", "%"])
def test_the_samples_of_an_epoch_are_logged_once(root: Path, separator: str) -> None:
    with training_run(root, EXPERIMENT, FAIL, KEY, PROVENANCE, {}) as run:
        run.submit(log_samples, run, ROWS[:1], list(SAMPLES[:1]))
        run._worker.wait(FAIL.patience)
        # Versions of MLflow differ in the character between the parts of the name.
        folder = root / "mlartifacts" / run.run_id / "artifacts" / "images"
        for path in folder.iterdir():
            path.rename(folder / re.sub("[+%]", separator, path.name))
        run.submit(log_samples, run, ROWS, list(SAMPLES))
    (entity,) = runs()
    assert [step for step, _ in sample_images(entity)] == [1, 2]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError, "FAILED"),
        (InputError, "FAILED"),
        (KeyboardInterrupt, "KILLED"),
        (SystemExit, "FAILED"),
    ],
)
def test_a_runs_status_depends_on_how_the_training_ends(
    root: Path, error: type[BaseException], status: str
) -> None:
    stop(root, error=error)
    (entity,) = runs()
    assert entity.info.status == status
    assert series(entity, "train/loss") == [(1, ROWS[0]["train/loss"])]
    assert entity.info.end_time is not None


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError])
def test_a_stopped_training_continues_its_run(root: Path, error: type[BaseException]) -> None:
    run_id = stop(root, error=error)
    for times in (1, 2):
        assert stop(root, error=error) == run_id
        (entity,) = runs()
        assert entity.data.tags[RESUMED_TAG] == str(times)
    assert train(root) == run_id
    (entity,) = runs()
    assert entity.info.status == "FINISHED"
    assert entity.data.tags[RESUMED_TAG] == "3"
    # The first epoch was submitted four times, and must be logged once.
    for name in ("train/loss", "test/loss"):
        assert series(entity, name) == [(row["epoch"], row[name]) for row in ROWS]
    assert [step for step, _ in sample_images(entity)] == [1, 2]


def test_another_training_starts_a_new_run(root: Path) -> None:
    run_id = stop(root)
    assert train(root, key="0b" * 32) != run_id
    assert sorted(entity.info.status for entity in runs()) == ["FINISHED", "KILLED"]


def test_a_finished_training_starts_a_new_run(root: Path) -> None:
    first, second = train(root), train(root)
    assert first != second
    assert [entity.info.status for entity in runs()] == ["FINISHED", "FINISHED"]
    assert not any(RESUMED_TAG in entity.data.tags for entity in runs())


def start_in_another_process(root: Path, key: str) -> tuple[subprocess.Popen[str], str]:
    """Start a training in another process; return the process and the run's id."""
    process = start(TRAINING, root, key, cwd=root)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    assert run_id, process.communicate()[1]
    return process, run_id


def test_a_killed_training_is_marked_and_continued(root: Path) -> None:
    with training_run(root, EXPERIMENT, FAIL, "0c" * 32, PROVENANCE, {}) as mine:
        process, run_id = start_in_another_process(root, KEY)
        try:
            other = train(root, key="0b" * 32)
            statuses = {entity.info.run_id: entity.info.status for entity in runs()}
            # Both processes are alive, although one of them only waits.
            assert statuses == {mine.run_id: "RUNNING", run_id: "RUNNING", other: "FINISHED"}
        finally:
            process.kill()
            process.communicate()
        elsewhere = mlflow.MlflowClient().create_run(
            mlflow.get_experiment_by_name(EXPERIMENT).experiment_id,
            tags={PROCESS_TAG: f"another-host {process.pid} 1.00"},
        )
        train(root, key="0d" * 32)
        statuses = {entity.info.run_id: entity.info.status for entity in runs()}
        assert statuses[run_id] == "KILLED"
        assert statuses[mine.run_id] == "RUNNING"
        assert statuses[elsewhere.info.run_id] == "RUNNING"
    assert train(root) == run_id
    entity = mlflow.get_run(run_id)
    assert entity.info.status == "FINISHED"
    assert entity.data.tags[RESUMED_TAG] == "1"
    assert entity.data.tags[PROCESS_TAG] == this_process()
    assert series(entity, "train/loss") == [(row["epoch"], row["train/loss"]) for row in ROWS]


def test_a_training_that_was_killed_while_it_started_its_run_is_continued(root: Path) -> None:
    process = start(STARTING, root, KEY, cwd=root)
    _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors
    mlflow.set_tracking_uri(f"sqlite:///{root / 'mlflow.db'}")
    (killed,) = runs()
    assert (killed.info.status, killed.data.params) == ("RUNNING", {})
    assert train(root, **{"download.fashion.source": "sample"}) == killed.info.run_id
    (entity,) = runs()
    assert entity.info.status == "FINISHED"
    assert entity.data.params == {**logged_params(PROVENANCE), "download.fashion.source": "sample"}
    assert entity.data.tags["machine.host"] == socket.gethostname()
    assert entity.data.tags["package.keras"] == "3.15"
    assert len(entity.inputs.dataset_inputs) == 1


def test_a_process_has_ended_if_its_id_is_free_or_reused() -> None:
    here = socket.gethostname()
    assert not has_ended(this_process())
    assert has_ended(f"{here} {os.getpid()} {psutil.Process().create_time() - 1000:.2f}")
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert has_ended(f"{here} {process.pid} 1.00")
    assert not has_ended(f"{here}-2 {process.pid} 1.00")


@pytest.mark.parametrize("tag", ["", "etl", "a b", "a b c", "{} x 1.00", "{} 1 x", "{} -1 1.00"])
def test_a_process_in_the_tag_of_another_program_has_not_ended(tag: str) -> None:
    assert not has_ended(tag.format(socket.gethostname()))


def test_an_error_of_the_stage_is_not_hidden_by_a_failing_store(root: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        training_run(root, EXPERIMENT, FAIL, KEY, PROVENANCE, {}) as run,
    ):
        mlflow.delete_run(run.run_id)  # a deleted run cannot be ended
        raise ZeroDivisionError("the stage's error")


def test_a_stage_continues_without_tracking_after_a_bug_in_logging(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    def broken(run: Run) -> None:
        raise TypeError("a bug")

    with training_run(root, EXPERIMENT, FAIL, KEY, PROVENANCE, {}) as run:
        run.submit(broken, run)
        run.submit(log_epochs, run, ROWS, list(SAMPLES))
        done.append("result")
    assert done == ["result"]
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "TypeError: a bug" in warning
    (entity,) = runs()
    assert entity.data.metrics == {}
