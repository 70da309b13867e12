"""The run of a training: what it holds, how it ends, and how it goes on after a kill."""

import os
import socket
import subprocess
from collections.abc import Iterator
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
    flat,
    fresh_client,
    make_empty_store,
    make_root,
    runs,
    sample_images,
    series,
    start,
)

from latent.errors import InputError
from latent.tracking.epochs import log_epochs
from latent.tracking.run import Run
from latent.tracking.system_tags import PROCESS_TAG, is_gone, origin_tags, this_process
from latent.tracking.training import RESUMED_TAG, training_run

KEY = "0a" * 32

# Begins a training, logs an epoch, says so, and waits to be killed, or to be let go.
TRAINING = """
import sys
from pathlib import Path
from tiny_store import EXPERIMENT, FAIL, PROVENANCE, ROWS, SAMPLES
from latent.tracking.epochs import log_epochs
from latent.tracking.training import training_run
with training_run(Path(sys.argv[1]), EXPERIMENT, FAIL, sys.argv[2], PROVENANCE, {}) as run:
    run.attempt(log_epochs, run, ROWS[:1], list(SAMPLES[:1]))
    run._link.wait(60)
    print(run.run_id, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    with fresh_client(tmp_path_factory.mktemp("elsewhere")) as monkeypatch:
        yield monkeypatch


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_empty_store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def root(tmp_path: Path, empty_store: Path) -> Path:
    return make_root(tmp_path / "project", empty_store)


def train(root: Path, key: str = KEY, **params: Any) -> str:
    """Run a training to its end, and return its run's id."""
    with training_run(root, EXPERIMENT, FAIL, key, PROVENANCE, params) as run:
        run.attempt(log_epochs, run, ROWS, list(SAMPLES))
    return run.run_id


def stop(root: Path, key: str = KEY, error: type[BaseException] = KeyboardInterrupt) -> str:
    """Stop a training after its first epoch, and return its run's id."""
    with (
        pytest.raises(error),
        training_run(root, EXPERIMENT, FAIL, key, PROVENANCE, {}) as run,
    ):
        run.attempt(log_epochs, run, ROWS[:1], list(SAMPLES[:1]))
        run._link.wait(FAIL.patience)
        raise error("stop")
    return run.run_id


def test_a_new_run_holds_all_that_the_training_depends_on(
    root: Path, client: pytest.MonkeyPatch
) -> None:
    client.setenv("DVC_EXP_NAME", "cool-cats")
    run_id = train(root, **{"download.fashion.source": "sample"})

    (entity,) = runs()
    assert entity.info.run_id == run_id
    assert entity.info.status == "FINISHED"
    assert entity.info.run_name == "sample, 2-D, 2 epochs"
    assert entity.data.params == {**flat(PROVENANCE), "download.fashion.source": "sample"}
    tags = entity.data.tags
    assert "drawn sample data" in tags["mlflow.note.content"]
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


def test_a_run_tells_where_it_was_made(root: Path) -> None:
    train(root)
    (entity,) = runs()
    tags = entity.data.tags
    assert tags["machine.host"] == socket.gethostname()
    assert tags["machine.cores"] == str(os.cpu_count())
    for name in ("system", "processor", "python"):
        assert tags[f"machine.{name}"]
    assert tags[PROCESS_TAG] == this_process()
    # There is no repository where these tests work.
    assert not [name for name in tags if name.startswith("git.")]
    assert "dvc.experiment" not in tags


def test_a_run_tells_what_was_not_committed(tmp_path: Path, client: pytest.MonkeyPatch) -> None:
    client.chdir(tmp_path)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    (tmp_path / "src").mkdir()
    for name in ("src/code.py", "params.yaml", "README.md"):
        (tmp_path / name).write_text("1", encoding="utf-8")
    git: list[list[str]] = [["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "Begin"]]
    subprocess.run(["git", *git[0]], check=True)
    # Before the first commit there is nothing to differ from.
    assert "git.dirty" not in origin_tags()
    for command in git[1:]:
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
        # To the last bit.
        assert series(entity, name) == [(row["epoch"], row[name]) for row in ROWS]
    assert "epoch" not in entity.data.metrics
    assert [step for step, _ in sample_images(entity)] == [1, 2]


def test_the_samples_of_an_epoch_stand_side_by_side(root: Path) -> None:
    train(root)
    (entity,) = runs()
    for (_, name), samples in zip(sample_images(entity), SAMPLES, strict=True):
        picture = mlflow.artifacts.load_image(f"runs:/{entity.info.run_id}/images/{name}")
        found = np.asarray(picture)[::3, ::3]
        np.testing.assert_array_equal(found, np.concatenate(samples[..., 0], axis=1))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError, "FAILED"),
        (InputError, "FAILED"),
        (KeyboardInterrupt, "KILLED"),
        (SystemExit, "FAILED"),
    ],
)
def test_a_run_ends_as_its_training_ends(
    root: Path, error: type[BaseException], status: str
) -> None:
    stop(root, error=error)
    (entity,) = runs()
    assert entity.info.status == status
    assert series(entity, "train/loss") == [(1, ROWS[0]["train/loss"])]
    assert entity.info.end_time is not None


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError])
def test_the_same_training_goes_on_in_its_run(root: Path, error: type[BaseException]) -> None:
    run_id = stop(root, error=error)
    for times in (1, 2):
        assert stop(root, error=error) == run_id
        (entity,) = runs()
        assert entity.data.tags[RESUMED_TAG] == str(times)
    assert train(root) == run_id
    (entity,) = runs()
    assert entity.info.status == "FINISHED"
    assert entity.data.tags[RESUMED_TAG] == "3"
    # The first epoch was told four times, and is there once.
    for name in ("train/loss", "test/loss"):
        assert series(entity, name) == [(row["epoch"], row[name]) for row in ROWS]
    assert [step for step, _ in sample_images(entity)] == [1, 2]


def test_another_training_has_a_run_of_its_own(root: Path) -> None:
    run_id = stop(root)
    assert train(root, key="0b" * 32) != run_id
    assert sorted(entity.info.status for entity in runs()) == ["FINISHED", "KILLED"]


def test_a_training_that_ended_well_is_not_gone_on_with(root: Path) -> None:
    first, second = train(root), train(root)
    assert first != second
    assert [entity.info.status for entity in runs()] == ["FINISHED", "FINISHED"]
    assert not any(RESUMED_TAG in entity.data.tags for entity in runs())


def begin_elsewhere(root: Path, key: str) -> tuple[subprocess.Popen[str], str]:
    """Begin a training in another process; return it, and its run's id."""
    process = start(TRAINING, root, key, cwd=root)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    assert run_id, process.communicate()[1]
    return process, run_id


def test_a_killed_training_is_marked_and_gone_on_with(root: Path) -> None:
    with training_run(root, EXPERIMENT, FAIL, "0c" * 32, PROVENANCE, {}) as mine:
        process, run_id = begin_elsewhere(root, KEY)
        try:
            other = train(root, key="0b" * 32)
            statuses = {entity.info.run_id: entity.info.status for entity in runs()}
            # Both processes are alive, though one of them says nothing.
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


def test_a_process_is_gone_when_it_ended_or_another_has_its_number() -> None:
    here = socket.gethostname()
    assert not is_gone(this_process())
    assert is_gone(f"{here} {os.getpid()} {psutil.Process().create_time() - 1000:.2f}")
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert is_gone(f"{here} {process.pid} 1.00")
    assert not is_gone(f"{here}-2 {process.pid} 1.00")


def test_the_bodys_own_error_is_not_hidden_by_a_lost_store(root: Path) -> None:
    # What went wrong first is what the user must read.
    with (
        pytest.raises(ZeroDivisionError),
        training_run(root, EXPERIMENT, FAIL, KEY, PROVENANCE, {}) as run,
    ):
        mlflow.delete_run(run.run_id)  # so that the run cannot be ended
        raise ZeroDivisionError("the body's own")


def test_a_mistake_in_what_is_told_costs_the_tracking_only(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    def broken(run: Run) -> None:
        raise TypeError("a mistake in the code")

    with training_run(root, EXPERIMENT, FAIL, KEY, PROVENANCE, {}) as run:
        run.attempt(broken, run)
        run.attempt(log_epochs, run, ROWS, list(SAMPLES))
        done.append("result")
    assert done == ["result"]
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "a mistake in the code" in warning
    (entity,) = runs()
    assert entity.data.metrics == {}
