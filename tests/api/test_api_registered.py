"""Models that are loaded from MLflow."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from latent import Model
from latent.errors import InputError
from latent.io.files import read_json, write_json
from latent.io.paths import ModelPaths
from latent.params import Tracking
from latent.tracking.model_run import model_run
from latent.tracking.training import log_result, training_run
from tests.tracking.tiny_store import (
    FAIL,
    PROVENANCE,
    fresh_client,
    make_empty_store,
    mlflow_server,
)

NAMES = ("vae_faces", "ae_fashion")


def log_training(paths: ModelPaths, settings: Tracking) -> str:
    """Log a model to the project's store, and return the id of its run."""
    paths.history.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"epoch": [1], "train/loss": [0.5], "test/loss": [0.5]}).to_csv(
        paths.history, index=False
    )
    write_json(paths.training_metrics, {"train/loss": 0.5, "test/loss": 0.5})
    (paths.model / "summary.txt").write_text("a table")
    np.save(paths.samples, np.zeros((1, 2, 8, 8, 1), np.uint8))
    provenance = read_json(paths.provenance)
    with training_run(paths.root, paths.name, settings, paths.name, provenance, {}) as run:
        run.submit(log_result, run, paths)
    assert run.failure == run.files_failure == ""
    return run.run_id


@pytest.fixture(scope="module")
def logged(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, dict[str, str]]]:
    """A copy of the project with its models in MLflow only, and their runs."""
    with fresh_client(tmp_path_factory.mktemp("elsewhere")):
        root = Path(shutil.copytree(project, tmp_path_factory.mktemp("logged") / "project"))
        runs = {name: log_training(ModelPaths(name, root), FAIL) for name in NAMES}
        paths = ModelPaths("vae_faces", root)
        write_json(paths.attribute_metrics, {"mean_auc": 0.5})
        with model_run(root, paths, FAIL, "attribute_vectors"):
            pass
        shutil.rmtree(root / "models")
        shutil.rmtree(root / "data")
        mlflow.set_tracking_uri(None)
        yield root, runs


@pytest.mark.parametrize(
    "location",
    ["models:/vae_faces_decoder@newest", "models:/vae_faces_encoder/1", "runs:/<run>"],
)
def test_a_model_in_mlflow_is_the_one_in_its_folder(
    logged: tuple[Path, dict[str, str]],
    project: Path,
    faces: Model,
    location: str,
) -> None:
    root, runs = logged
    settings = mlflow.get_tracking_uri(), dict(os.environ)
    loaded = Model.load(location.replace("<run>", runs["vae_faces"]), root)
    photo = sorted((project / "images/faces").iterdir())[0]
    np.testing.assert_array_equal(loaded.encode(photo), faces.encode(photo))
    for changes in ({}, {"Smiling": 3}):
        edited = loaded.edit(photo, changes, as_arrays=True)
        np.testing.assert_array_equal(edited, faces.edit(photo, changes, as_arrays=True))
    pd.testing.assert_frame_equal(loaded.attributes, faces.attributes)
    assert loaded.provenance == faces.provenance
    assert loaded.dataset is None
    assert (mlflow.get_tracking_uri(), dict(os.environ)) == settings


def test_an_autoencoder_in_mlflow(logged: tuple[Path, dict[str, str]], autoencoder: Model) -> None:
    loaded = Model.load("models:/ae_fashion_encoder@newest", logged[0])
    assert loaded.kind == "ae"
    assert autoencoder.dataset is not None
    images = autoencoder.dataset.test.images
    np.testing.assert_array_equal(loaded.encode(images), autoencoder.encode(images))
    with pytest.raises(InputError, match="data/processed/fashion: not the data that ae_fashion"):
        loaded.generate(1)


def test_a_model_in_mlflow_uses_the_data_of_the_project(
    logged: tuple[Path, dict[str, str]], project: Path, tmp_path: Path, faces: Model
) -> None:
    root = Path(shutil.copytree(logged[0], tmp_path / "project"))
    shutil.copytree(project / "data", root / "data")
    loaded = Model.load("models:/vae_faces_decoder@newest", root)
    assert loaded.dataset is not None
    photo = loaded.dataset.test.images[0]
    assert loaded.nearest(photo).rows.tolist() == faces.nearest(photo).rows.tolist()


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("models:/vae_faces_decoder@oldest", "Registered model alias oldest not found"),
        ("models:/vae_face_decoder@newest", "Registered Model with name=vae_face_decoder not"),
        ("models:/vae_faces_decoder/9", "Model Version (name=vae_faces_decoder, version=9) not"),
        ("models:/vae_faces_decoder", "not an address of a model; allowed are models:/<name>@"),
        ("models:/m-1234", "not an address of a model; allowed are models:/<name>@<alias>,"),
        ("runs:/1234", "Run with id=1234 not found"),
        ("runs:/", "not an address of a model; allowed are models:/<name>@<alias>, models:/<na"),
    ],
)
def test_models_that_mlflow_does_not_have(
    logged: tuple[Path, dict[str, str]], location: str, problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        Model.load(location, logged[0])
    assert str(caught.value).startswith(f"{location}: {problem}")
    assert "\n" not in str(caught.value)


def test_a_store_that_does_not_exist_is_not_created(
    logged: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"mlflow.db: no such MLflow store; run `make repro`"):
        Model.load("models:/vae_faces_decoder@newest", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_down(
    logged: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://name:secret@127.0.0.1:1")
    with pytest.raises(InputError) as caught:
        Model.load("models:/vae_faces_decoder@newest", logged[0])
    assert str(caught.value).startswith("models:/vae_faces_decoder@newest: ")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("encoder.keras", "encoder.keras: not a complete .keras file"),
        ("provenance.json", "provenance.json: cannot be read: "),
    ],
)
def test_damaged_artifacts(
    logged: tuple[Path, dict[str, str]], tmp_path: Path, name: str, problem: str
) -> None:
    root = Path(shutil.copytree(logged[0], tmp_path / "project"))
    for path in (root / "mlartifacts").rglob(name):
        path.write_bytes(path.read_bytes()[:50])
    location = "models:/vae_faces_decoder@newest"
    with pytest.raises(InputError) as caught:
        Model.load(location, root)
    assert str(caught.value).startswith(f"{location}/{problem}")


def test_a_run_without_a_model(logged: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    root = Path(shutil.copytree(logged[0], tmp_path / "project"))
    with training_run(root, "vae_faces", FAIL, "stopped", PROVENANCE, {}) as run:
        pass
    mlflow.set_tracking_uri(None)
    with pytest.raises(InputError, match=f"the run {run.run_id} has no encoder"):
        Model.load(f"runs:/{run.run_id}", root)


def test_a_tracking_server(
    project: Path,
    faces: Model,
    tmp_path: Path,
) -> None:
    root = Path(shutil.copytree(project, tmp_path / "project"))
    with (
        fresh_client(tmp_path) as environment,
        mlflow_server(tmp_path / "server", make_empty_store(tmp_path)) as port,
    ):
        environment.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        log_training(ModelPaths("vae_faces", root), FAIL)
        shutil.rmtree(root / "models")
        loaded = Model.load("models:/vae_faces_decoder@newest", root)
    z = faces.sample(2)
    np.testing.assert_array_equal(loaded.decode(z, as_arrays=True), faces.decode(z, as_arrays=True))
