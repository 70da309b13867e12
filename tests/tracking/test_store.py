"""Tests of the store: foreign settings, copies of the project, moved projects, and databases."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import alembic.command
import mlflow
import pytest
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase
from postgres import create_database, needs_driver, needs_postgres, postgres
from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from tiny_store import (
    EXPERIMENT,
    FAIL,
    PROVENANCE,
    artifacts,
    environment,
    free_port,
    runs,
    warnings_in,
    write_training,
)

from latent.errors import InputError
from latent.io.paths import ModelPaths
from latent.tracking.store import open_experiment
from latent.tracking.training import log_result, training_run

MODEL_FILES = ["history.csv", "provenance.json", "summary.txt"]
FOLDER_NAMES = ["my%20vae", "a?b", "ä #1"]
LOAD = """
import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
for part in ("encoder", "decoder"):
    mlflow.pyfunc.load_model(f"models:/ae_fashion_{part}@newest")
"""


pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture
def outs(tmp_path: Path, networks: Path) -> ModelPaths:
    """The outs of a training, outside of the project."""
    return write_training(tmp_path / "outs", networks)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


def train(root: Path, experiment: str = EXPERIMENT, key: str = "key") -> str:
    """Log a training with one artifact, `model/note.txt`; return the run's id."""
    note = root / "note.txt"
    note.write_text("a note", encoding="utf-8")
    with training_run(root, experiment, FAIL, key, PROVENANCE, {}) as run:
        run.submit(run.log_files, note, "model")
        run.submit(run.log_metrics, {"loss": 1})
    assert run.failure == ""
    return run.run_id


def train_and_register(root: Path, outs: ModelPaths) -> None:
    """Log a training with all of its outs."""
    with training_run(root, EXPERIMENT, FAIL, "key", PROVENANCE, {}) as run:
        run.submit(log_result, run, outs)
    assert run.failure == ""


def own_database(root: Path) -> str:
    url = URL.create("sqlite", database=str(root / "mlflow.db"))
    return str(url.render_as_string())


FOREIGN = {
    "MLFLOW_RUN_ID": "{run}",
    "MLFLOW_EXPERIMENT_NAME": "foreign",
    "MLFLOW_EXPERIMENT_ID": "{experiment}",
    "MLFLOW_RUN_CONTEXT": json.dumps({"mlflow.parentRunId": "{run}", "foreign": "tag"}),
    "MLFLOW_ACTIVE_MODEL_ID": "{model}",
    "_MLFLOW_ACTIVE_MODEL_ID": "{model}",
}


@pytest.mark.parametrize("names", [*([name] for name in FOREIGN), list(FOREIGN)], ids="+".join)
def test_runs_of_notebooks_and_ci_systems_are_not_used(
    root: Path, names: list[str], client: pytest.MonkeyPatch
) -> None:
    store = mlflow.MlflowClient(own_database(root))
    experiment = store.create_experiment("foreign", str(root / "foreign"))
    foreign = store.get_run(store.create_run(experiment).info.run_id)
    model = store.create_logged_model(experiment, "foreign")
    for name in names:
        value = FOREIGN[name].replace("{run}", foreign.info.run_id)
        value = value.replace("{experiment}", experiment).replace("{model}", model.model_id)
        client.setenv(name, value)
    trained = {train(root, key="1"), train(root, key="2")}
    assert {run.info.run_id for run in runs()} == trained
    for run in runs():
        assert run.info.status == "FINISHED"
        assert artifacts(run, "model") == ["note.txt"]
        assert not {"mlflow.parentRunId", "foreign"} & set(run.data.tags)
    unchanged = store.get_run(foreign.info.run_id)
    assert unchanged.to_dictionary() == foreign.to_dictionary()
    assert not store.get_logged_model(model.model_id).metrics


def test_a_foreign_run_that_is_ignored_is_reported(
    root: Path, client: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client.setenv("MLFLOW_RUN_ID", "0" * 32)
    with caplog.at_level("INFO", "latent"):
        train(root)
    messages = [record.getMessage() for record in caplog.records if record.name[:6] == "latent"]
    assert [message for message in messages if "MLFLOW_RUN_ID is ignored" in message]


def train_in_a_copy(root: Path, address: str, client: pytest.MonkeyPatch) -> None:
    """Log a training from a copy of the project that is deleted, as DVC does."""
    copy = root / ".dvc/tmp/exps/tmp1"
    copy.mkdir(parents=True)
    client.setenv("MLFLOW_TRACKING_URI", address)
    client.chdir(copy)
    train(root)
    assert list(copy.iterdir()) == []
    client.chdir(root)
    copy.rmdir()
    (run,) = runs()
    assert artifacts(run, "model") == ["note.txt"]
    for name in (EXPERIMENT, "Default"):
        experiment = mlflow.get_experiment_by_name(name)
        assert experiment.artifact_location.startswith((root / "mlartifacts").as_uri())


@pytest.mark.parametrize(
    ("address", "database"),
    [
        ("", "mlflow.db"),
        (" ", "mlflow.db"),
        ("sqlite:///mine.db", "mine.db"),
        ("sqlite:///runs/mine.db", "runs/mine.db"),
        ("sqlite:///{root}/../mine.db", "../mine.db"),
        ("sqlite+pysqlite:///mine.db", "mine.db"),
        ("sqlite:///~/mine.db", "../home/mine.db"),
        ("sqlite+pysqlite:///{root}/mine.db?timeout=9", "mine.db"),
    ],
)
def test_an_experiment_in_a_copy_of_the_project_uses_the_projects_store(
    tmp_path: Path, address: str, database: str, client: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    client.setenv("HOME", str(tmp_path / "home"))
    train_in_a_copy(root, address.format(root=root), client)
    databases = {path.resolve() for path in tmp_path.rglob("*.db")}
    assert databases == {(root / database).resolve()}


@pytest.mark.parametrize("address", ["mlruns", "file:mlruns", "file://{root}/mlruns"])
def test_a_folder_as_a_store_is_in_the_project(
    tmp_path: Path, address: str, client: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "my project"
    root.mkdir()
    client.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    client.setenv("MLFLOW_TRACKING_URI", address.format(root=root))
    client.chdir(tmp_path)
    train(root)
    assert len(list((root / "mlruns").rglob("note.txt"))) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"my project"}


def test_a_relative_model_registry_is_in_the_project(
    root: Path, outs: ModelPaths, tmp_path: Path, client: pytest.MonkeyPatch
) -> None:
    client.setenv("MLFLOW_REGISTRY_URI", "sqlite:///registry.db")
    client.chdir(tmp_path)
    train_and_register(root, outs)
    registry = mlflow.MlflowClient(registry_uri=f"sqlite:///{root / 'registry.db'}")
    version = registry.get_model_version_by_alias("ae_fashion_encoder", "newest")
    assert version.run_id == runs()[0].info.run_id
    assert not (tmp_path / "registry.db").exists()


@needs_postgres
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_artifacts_of_runs_in_postgresql_are_in_the_project(
    root: Path, server: str, scheme: str, client: pytest.MonkeyPatch
) -> None:
    database = create_database(server, scheme.replace("+", "_"))
    train_in_a_copy(root, f"{scheme}://{database}", client)


@needs_postgres
def test_models_are_registered_in_postgresql(
    root: Path, outs: ModelPaths, server: str, client: pytest.MonkeyPatch
) -> None:
    client.setenv("MLFLOW_TRACKING_URI", f"postgresql://{server}")
    train_and_register(root, outs)
    path = mlflow.artifacts.download_artifacts("models:/ae_fashion_decoder@newest")
    assert Path(path).is_relative_to(root / "mlartifacts")


@needs_postgres
def test_a_wrong_password_is_reported_at_once(
    root: Path, server: str, client: pytest.MonkeyPatch
) -> None:
    client.setenv("MLFLOW_TRACKING_URI", f"postgresql://vae:wrong{server.removeprefix('vae:')}")
    with pytest.raises(InputError) as caught:
        train(root)
    assert 'password authentication failed for user "vae"' in str(caught.value)
    assert "wrong" not in str(caught.value)
    assert "\n" not in str(caught.value)


@needs_driver
def test_a_database_server_that_is_down_is_reported_at_once(
    root: Path, client: pytest.MonkeyPatch
) -> None:
    address = f"postgresql://vae:secret@127.0.0.1:{free_port()}/runs"
    client.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(InputError, match="Connection refused") as caught:
        train(root)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("postgresql+psycopg2://vae:secret@127.0.0.1/runs", "psycopg2-binary"),
        ("mysql://vae:secret@127.0.0.1/runs", "mysqlclient"),
        ("sqlite+pysqlcipher://:secret@/mine.db", "pysqlcipher3"),
        ("mysql+pymysql://vae:secret@127.0.0.1/runs", "pymysql"),
        ("mssql+pyodbc://vae:secret@127.0.0.1/runs", "pyodbc"),
    ],
)
def test_a_missing_driver_is_named(
    root: Path, address: str, package: str, client: pytest.MonkeyPatch
) -> None:
    client.setenv("MLFLOW_TRACKING_URI", address)
    scheme = address.split(":", maxsplit=1)[0]
    message = (
        f"MLflow: MLFLOW_TRACKING_URI: the driver for {scheme} is not installed: "
        f"run `pip install '{package}'` (tracking.on_error is fail)"
    )
    with pytest.raises(InputError) as caught:
        train(root)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", FOLDER_NAMES)
def test_a_projects_folder_may_have_any_name(tmp_path: Path, name: str, outs: ModelPaths) -> None:
    siblings = {path.name for path in tmp_path.iterdir()}
    root = tmp_path / name
    root.mkdir()
    train_and_register(root, outs)
    (run,) = runs()
    assert artifacts(run, "model") == MODEL_FILES
    path = mlflow.artifacts.download_artifacts("models:/ae_fashion_decoder@newest")
    assert Path(path).is_relative_to(root / "mlartifacts")
    assert {path.name for path in tmp_path.iterdir()} == siblings | {name}
    assert {path.name for path in root.iterdir()} == {".cache", "mlflow.db", "mlartifacts"}


def test_a_process_that_is_killed_while_it_creates_the_database_leaves_none(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from latent.tracking.store import open_experiment; "
        f"open_experiment(Path({str(tmp_path)!r}), 'vae_faces')"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    while not any(path.stat().st_size for path in tmp_path.glob(".mlflow.db.partial")):
        assert process.poll() is None
    process.kill()
    process.wait()
    assert open_experiment(tmp_path, "vae_faces")
    assert not list(tmp_path.glob(".mlflow.db.*"))


@pytest.mark.parametrize("name", ["new/project", "ä #1?", "my%20vae"])
def test_a_moved_project_keeps_its_artifacts(root: Path, outs: ModelPaths, name: str) -> None:
    train_and_register(root, outs)
    moved = root.parent / name
    moved.parent.mkdir(exist_ok=True)
    root.rename(moved)
    train(moved)
    assert not root.exists()
    second, first = runs()
    assert artifacts(first, "model") == MODEL_FILES
    assert artifacts(second, "model") == ["note.txt"]
    models = mlflow.search_logged_models([first.info.experiment_id], output_format="list")
    assert len(models) == 2
    for model in models:
        assert model.artifact_location.startswith(f"{(moved / 'mlartifacts').as_uri()}/")
    if "%" in name:  # MLflow itself cannot load models from such a folder
        return
    for part in ("encoder", "decoder"):
        mlflow.pyfunc.load_model(f"models:/ae_fashion_{part}@newest")
    if name != "new/project":
        return
    done = subprocess.run(
        [sys.executable, "-c", LOAD, own_database(moved)],
        cwd=moved.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_copied_project_has_its_own_artifacts(root: Path) -> None:
    run_id = train(root)
    copy = root.parent / "copy"
    shutil.copytree(root, copy)
    shutil.rmtree(root / "mlartifacts" / run_id)
    train(copy)
    assert [artifacts(run, "model") for run in runs()] == [["note.txt"]] * 2
    assert not list((root / "mlartifacts").rglob("note.txt"))


def test_a_copied_database_keeps_the_artifacts_of_the_original(root: Path, tmp_path: Path) -> None:
    train(root)
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(root / "mlflow.db", copy)
    open_experiment(copy, EXPERIMENT)
    (run,) = runs()
    assert artifacts(run, "model") == ["note.txt"]


def test_artifact_folders_of_the_users_choice_are_kept(root: Path, tmp_path: Path) -> None:
    chosen = {
        "vae_faces": (tmp_path / "disk" / "mlartifacts").as_uri(),
        "vae_fashion": (tmp_path / "missing" / "artifacts").as_uri(),
        "mine": "s3://bucket/mlartifacts",
    }
    store = mlflow.MlflowClient(own_database(root))
    for name, location in chosen.items():
        store.create_experiment(name, location)
    train(root)
    train(root, "vae_faces")
    moved = root.rename(tmp_path / "moved")
    train(moved)
    train(moved, "vae_faces")
    assert [artifacts(run, "model") for run in runs("vae_faces")] == [["note.txt"]] * 2
    assert len(list((moved / "mlartifacts").rglob("note.txt"))) == 2
    assert len(list((tmp_path / "disk").rglob("note.txt"))) == 2
    for name, location in chosen.items():
        assert mlflow.get_experiment_by_name(name).artifact_location == location


def test_an_artifact_folder_above_the_projects_is_kept(root: Path, tmp_path: Path) -> None:
    store = mlflow.MlflowClient(own_database(root))
    above = {name: (tmp_path / name).as_uri() for name in (".", "mlartifacts")}
    above["."] = tmp_path.as_uri()
    for name, location in above.items():
        store.create_experiment(f"mine {name}", location)
    train(root)
    train(root)
    moved = root.rename(tmp_path / "moved")
    train(moved)
    for name, location in above.items():
        assert mlflow.get_experiment_by_name(f"mine {name}").artifact_location == location
    for run in runs():
        parent = moved / "mlartifacts" / run.info.run_id
        assert run.info.artifact_uri == (parent / "artifacts").as_uri()
        assert artifacts(run, "model") == ["note.txt"]


def test_a_moved_database_of_an_older_mlflow_is_used(tmp_path: Path) -> None:
    root = tmp_path / "moved"
    (root / "mlartifacts" / "1").mkdir(parents=True)
    old = (tmp_path / "project" / "mlartifacts").as_uri()
    address = own_database(root)
    # Before the column `storage_location` and the table `logged_models`.
    engine = create_engine(address)
    InitialBase.metadata.create_all(engine)
    engine.dispose()
    alembic.command.upgrade(_get_alembic_config(address), "3500859a5d39")
    with closing(sqlite3.connect(root / "mlflow.db")) as database, database:
        names = "experiment_id, name, artifact_location, lifecycle_stage"
        values = (1, EXPERIMENT, old, "active")
        database.execute(f"INSERT INTO experiments ({names}) VALUES (?, ?, ?, ?)", values)
        database.execute(
            "INSERT INTO runs (run_uuid, artifact_uri, experiment_id, user_id) VALUES (?, ?, ?, ?)",
            ("1", f"{old}/1/artifacts", 1, "me"),
        )
    train(root)  # MLflow upgrades a database without its newer tables
    location = (root / "mlartifacts").as_uri()
    assert mlflow.get_experiment_by_name(EXPERIMENT).artifact_location == location
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        found = database.execute("SELECT artifact_uri FROM runs WHERE run_uuid = '1'").fetchone()
    assert found == (f"{location}/1/artifacts",)


def test_an_artifact_folder_that_was_deleted_is_reported(
    root: Path, tmp_path: Path, client: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'shared.db'}")
    old = tmp_path / "old"
    old.mkdir()
    train(old)
    assert warnings_in(caplog) == []
    shutil.rmtree(old)
    open_experiment(root, EXPERIMENT)
    (warning,) = warnings_in(caplog)
    assert f"the experiment {EXPERIMENT} keeps its files in {old / 'mlartifacts'}" in warning
    command = warning.split("`")[1].replace("NAME", "old")
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        env=environment(MLFLOW_TRACKING_URI=mlflow.get_tracking_uri()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    train(root)
    assert list((root / "mlartifacts").rglob("note.txt"))
    assert not old.exists()


def test_a_deleted_experiment_is_restored(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    train(root)
    mlflow.delete_experiment(mlflow.get_experiment_by_name(EXPERIMENT).experiment_id)
    train(root)
    assert [artifacts(run, "model") for run in runs()] == [["note.txt"]] * 2
    (warning,) = warnings_in(caplog)
    assert f"the experiment {EXPERIMENT} was deleted. It is restored" in warning
