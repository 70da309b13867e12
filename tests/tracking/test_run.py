"""Runs in a real MLflow store: what they hold, how they are found again, and how they fail."""

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from mlflow.entities import Run as Entity

from latent.errors import InputError
from latent.tracking.run import MODEL_TAG, Run, find_run, model_digest

EXPERIMENT = "vae_tiny"
SOURCE = Path(__file__).parents[2] / "src"
RECORD = {"name": "tiny", "source": "sample", "digest": "0123456789abcdef" * 4}

ONE_RUN = """
import sys
from pathlib import Path
from latent.tracking.run import Run
with Run(Path(sys.argv[1]), "vae_tiny", "fail") as run:
    run.log_metrics({"loss": float(sys.argv[2])})
"""


@pytest.fixture(autouse=True)
def fresh_client(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """MLflow's client as a new process has it, for MLflow keeps its state in globals."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "DVC_EXP_NAME"):
        monkeypatch.delenv(name, raising=False)
    # Where MLflow would put what it is given no place for.
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    yield
    mlflow.end_run()
    mlflow.set_tracking_uri(None)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without a run, to be copied: MLflow takes seconds to make one."""
    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def root(tmp_path: Path, empty_store: Path) -> Path:
    """A project's folder, with a store that nothing has been logged to."""
    root = tmp_path / "project"
    root.mkdir()
    shutil.copy(empty_store, root / "mlflow.db")
    return root


@pytest.fixture
def dead_server(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server that is down."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    return f"127.0.0.1:{port}"


def write_model(folder: Path, content: str) -> Path:
    """Make a model's folder. To MLflow's tag a model is the bytes of its two files."""
    folder.mkdir()
    for part in ("encoder", "decoder"):
        (folder / f"{part}.keras").write_text(f"{part} {content}", encoding="utf-8")
    return folder


def runs(experiment: str = EXPERIMENT) -> list[Entity]:
    """Return the experiment's runs, newest first."""
    found: list[Entity] = mlflow.search_runs(
        experiment_names=[experiment],
        order_by=["attributes.start_time DESC"],
        output_format="list",
    )
    return found


def train_run(root: Path, model: Path, loss: float) -> str:
    """Log what a training logs, and return the run's id."""
    with Run(root, EXPERIMENT, "fail") as run:
        run.log_metrics({"loss": loss})
        run.attempt(mlflow.set_tag, MODEL_TAG, model_digest(model))
        active = mlflow.active_run()
        assert active is not None
        run_id: str = active.info.run_id
    return run_id


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith("latent")
    ]


def test_a_run_holds_what_is_logged(root: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("a note", encoding="utf-8")
    figures = tmp_path / "figures"
    figures.mkdir()
    (figures / "figure.txt").write_text("a figure", encoding="utf-8")
    params = {"runtime.threads": 2, "train_vae.faces.filters": [128, 128]}
    with Run(root, EXPERIMENT, "fail", name="first", description="*tiny*") as run:
        run.log_params(params)
        run.log_dataset(RECORD)
        run.log_metrics({"test/loss": 3.0}, step=1)
        run.log_metrics({"test/loss": 2.0, "train/loss": 1.5}, step=2)
        run.log_files(note, "model")
        run.log_files(figures, "figures")

    (entity,) = runs()
    assert entity.info.status == "FINISHED"
    assert entity.info.run_name == "first"
    assert entity.data.tags["mlflow.note.content"] == "*tiny*"
    assert entity.data.params == {name: str(value) for name, value in params.items()}
    assert entity.data.metrics == {"test/loss": 2.0, "train/loss": 1.5}
    history = mlflow.MlflowClient().get_metric_history(entity.info.run_id, "test/loss")
    assert [(metric.step, metric.value) for metric in history] == [(1, 3.0), (2, 2.0)]
    assert entity.data.tags["data.source"] == "sample"
    assert entity.data.tags["data.digest"] == RECORD["digest"]
    (dataset,) = entity.inputs.dataset_inputs
    assert dataset.dataset.name == "tiny"
    assert RECORD["digest"].startswith(dataset.dataset.digest)
    assert json.loads(dataset.dataset.source)["tags"] == {"source": "sample"}
    assert [(tag.key, tag.value) for tag in dataset.tags] == [("mlflow.data.context", "training")]
    artifacts = root / "mlartifacts" / entity.info.run_id / "artifacts"
    assert (artifacts / "model" / "note.txt").read_text(encoding="utf-8") == "a note"
    assert (artifacts / "figures" / "figure.txt").read_text(encoding="utf-8") == "a figure"


def test_the_store_is_beside_the_project(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "copy of the tree"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    note = tmp_path / "note.txt"
    note.write_text("a note", encoding="utf-8")
    with Run(root, EXPERIMENT, "fail") as run:
        run.log_files(note, "model")
    assert len(runs()) == 1
    assert mlflow.get_tracking_uri() == f"sqlite:///{root / 'mlflow.db'}"
    assert len(list((root / "mlartifacts").rglob("note.txt"))) == 1
    assert list(elsewhere.iterdir()) == []


def test_two_projects_in_one_process_have_their_own_stores(tmp_path: Path) -> None:
    for name in ("first", "second"):
        root = tmp_path / name
        root.mkdir()
        with Run(root, f"vae_{name}", "fail") as run:
            run.log_metrics({"loss": 1.0})
        assert (root / "mlflow.db").is_file()
        experiment = mlflow.get_experiment_by_name(f"vae_{name}")
        assert experiment.artifact_location == (root / "mlartifacts").as_uri()


def test_the_users_store_comes_first(
    tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    shutil.copy(empty_store, tmp_path / "mine.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mine.db'}")
    monkeypatch.chdir(tmp_path)
    with Run(root, EXPERIMENT, "fail") as run:
        run.log_metrics({"loss": 1.0})
    assert not (root / "mlflow.db").exists()
    assert [entity.data.metrics for entity in runs()] == [{"loss": 1.0}]


def test_a_run_tells_dvcs_name_of_its_experiment(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "cool-cats")
    with Run(root, EXPERIMENT, "fail", name="other"):
        pass
    (entity,) = runs()
    assert entity.info.run_name == "other"
    assert entity.data.tags["dvc.experiment"] == "cool-cats"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError, "FAILED"),
        (InputError, "FAILED"),
        (KeyboardInterrupt, "KILLED"),
        (SystemExit, "FAILED"),
    ],
)
def test_a_run_ends_as_its_body_ends(root: Path, error: type[BaseException], status: str) -> None:
    with pytest.raises(error), Run(root, EXPERIMENT, "fail") as run:
        run.log_metrics({"loss": 1.0})
        raise error("stop")
    (entity,) = runs()
    assert entity.info.status == status
    assert entity.data.metrics == {"loss": 1.0}
    assert mlflow.active_run() is None


def test_digest_is_of_both_files(tmp_path: Path) -> None:
    first, same = write_model(tmp_path / "a", "1"), write_model(tmp_path / "b", "1")
    assert model_digest(first) == model_digest(same)
    digest = model_digest(first)
    for part in ("encoder", "decoder"):
        (same / f"{part}.keras").write_text("changed", encoding="utf-8")
        assert model_digest(same) != digest
        digest = model_digest(same)


def test_a_run_is_found_by_its_models_content(root: Path, tmp_path: Path) -> None:
    first = write_model(tmp_path / "first", "1")
    other = write_model(tmp_path / "other", "2")
    old = train_run(root, first, 3.0)
    found_other = train_run(root, other, 2.0)
    new = train_run(root, first, 1.0)
    assert len({old, found_other, new}) == 3
    # The same training twice gives the same model: the newest of its runs is the one.
    assert find_run(EXPERIMENT, model_digest(first)) == new
    assert find_run(EXPERIMENT, model_digest(other)) == found_other
    assert find_run(EXPERIMENT, "no digest") is None
    assert find_run("ae_tiny", model_digest(first)) is None


def test_a_later_stage_continues_its_models_run(
    root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = write_model(tmp_path / "model", "1")
    run_id = train_run(root, model, 1.0)
    train_run(root, write_model(tmp_path / "other", "2"), 2.0)
    # What counts is the content: DVC may have taken the folder from its cache.
    same = write_model(tmp_path / "from the cache", "1")
    with Run(root, EXPERIMENT, "fail", model=same) as run:
        run.log_metrics({"embedding/std": 0.9})
    assert len(runs()) == 2
    entity = mlflow.get_run(run_id)
    assert entity.data.metrics == {"loss": 1.0, "embedding/std": 0.9}
    assert entity.info.status == "FINISHED"
    assert warnings_in(caplog) == []


def test_a_model_without_a_run_gets_one(
    root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = write_model(tmp_path / "model", "1")
    for value in (1.0, 2.0):
        with Run(root, EXPERIMENT, "fail", model=model) as run:
            run.log_metrics({"embedding/std": value})
    # The second stage found the run that the first one made.
    (entity,) = runs()
    assert entity.data.tags[MODEL_TAG] == model_digest(model)
    assert entity.data.metrics == {"embedding/std": 2.0}
    (warning,) = warnings_in(caplog)
    assert str(model) in warning


def test_a_dead_server_costs_the_tracking_only(
    root: Path, tmp_path: Path, dead_server: str, caplog: pytest.LogCaptureFixture
) -> None:
    model = write_model(tmp_path / "model", "1")
    done = []
    with Run(root, EXPERIMENT, "warn", model=model) as run:
        run.log_params({"runtime.threads": 2})
        run.log_dataset(RECORD)
        run.log_metrics({"loss": 1.0}, step=1)
        run.log_files(model, "model")
        done.append("result")
    assert done == ["result"]
    (warning,) = warnings_in(caplog)
    assert "127.0.0.1" in warning
    assert "\n" not in warning


def test_a_dead_server_costs_the_start_where_that_is_asked_for(
    root: Path, dead_server: str
) -> None:
    done = []
    with pytest.raises(InputError) as caught, Run(root, EXPERIMENT, "fail") as run:
        run.log_metrics({"loss": 1.0})
        done.append("result")
    assert done == []
    assert "tracking.on_error" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_store_lost_on_the_way_is_no_loss_of_the_result(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    done = []
    with Run(root, EXPERIMENT, "warn") as run:
        run.log_params({"train.epochs": 1})
        run.log_params({"train.epochs": 2})  # MLflow refuses another value
        run.log_metrics({"loss": 1.0})
        done.append("result")
    assert done == ["result"]
    assert len(warnings_in(caplog)) == 1


def test_the_bodys_own_error_is_not_hidden_by_a_lost_store(root: Path) -> None:
    """What went wrong first is what the user must read."""
    with pytest.raises(ZeroDivisionError), Run(root, EXPERIMENT, "fail"):
        active = mlflow.active_run()
        assert active is not None
        mlflow.delete_run(active.info.run_id)  # so that the run cannot be ended
        raise ZeroDivisionError("the body's own")


def test_errors_that_are_not_the_stores_are_not_swallowed(root: Path) -> None:
    def broken() -> None:
        raise TypeError("a mistake in the code")

    with pytest.raises(TypeError), Run(root, EXPERIMENT, "warn") as run:
        run.attempt(broken)


def test_processes_may_open_a_fresh_store_at_once(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ONE_RUN, str(tmp_path), str(number)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for process in processes:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert sorted(entity.data.metrics["loss"] for entity in runs()) == [0.0, 1.0]
    assert {entity.info.status for entity in runs()} == {"FINISHED"}
