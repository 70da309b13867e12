"""Tests with wrong input: a stage ends with a one-line error, exit code 1, and without outs."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from benchmarks.clone import Project, clone
from latent.errors import InputError
from latent.params import load_params
from latent.raw.idx import write_idx


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return clone(tmp_path_factory.mktemp("bad"))


def fail(project: Project, stage: str, *arguments: str) -> str:
    """Run a stage that must fail, and return its one-line error message."""
    done = project.run("python", "-m", f"stages.{stage}", *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("ERROR: ")
    assert done.stdout == ""
    return line


def error_of_the_parameters(project: Project) -> str:
    """Return the one-line error that every stage of a clone ends with, without a process."""
    with pytest.raises(InputError) as caught:
        load_params(project.folder / "params.yaml")
    (line,) = str(caught.value).splitlines()
    return line


@pytest.mark.parametrize(
    ("key", "value", "stage", "message"),
    [
        ("train_vae.faces.latent_dim", 0, "train_vae faces", "latent_dim is 0"),
        ("train_vae.faces.latent_dim", "many", None, "latent_dim is 'many'"),
        ("train_vae.faces.latent_dims", 3, "download_faces", "latent_dims is not a parameter"),
        ("train_ae.fashion.loss", "rmse", None, "'bce' or 'mse'"),
        ("download.fashion.location", 3, "download_fashion", "location is 3"),
    ],
)
def test_a_wrong_parameter(
    project: Project,
    key: str,
    value: object,
    stage: str | None,
    message: str,
) -> None:
    before = (project.folder / "params.yaml").read_bytes()
    project.edit({key: value})
    try:
        line = fail(project, *stage.split()) if stage else error_of_the_parameters(project)
    finally:
        (project.folder / "params.yaml").write_bytes(before)
    assert message in line
    assert key.rsplit(".", 1)[0] in line


def test_dvc_stops_at_a_wrong_parameter(fresh: Project) -> None:
    fresh.edit({"download.faces.sample.images": -1})
    done = fresh.run("dvc", "repro", "download@faces")
    assert done.returncode != 0
    assert "download.faces.sample.images is -1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (fresh.folder / "data/raw/faces").exists()


def write_raw_fashion(folder: Path, labels: int = 6) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for prefix in ("train", "t10k"):
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", np.zeros((6, 28, 28), np.uint8))
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", np.zeros(labels, np.uint8))
    (folder / "classes.json").write_text('{"classes": ["Coat", "Bag"]}')


def test_a_missing_raw_file(project: Project) -> None:
    folder = project.folder / "data/raw/fashion"
    write_raw_fashion(folder)
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert "t10k-labels-idx1-ubyte.gz: no such file" in fail(project, "preprocess_fashion")
    assert not any((project.folder / "data/processed").glob("*fashion*"))


def test_a_truncated_raw_file(project: Project) -> None:
    folder = project.folder / "data/raw/fashion"
    write_raw_fashion(folder)
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    assert "train-images-idx3-ubyte.gz: not a valid gzip file" in fail(
        project, "preprocess_fashion"
    )
    path.write_bytes(gzip.compress(b"something else"))
    assert "begins with" in fail(project, "preprocess_fashion")


def test_different_numbers_of_labels_and_images(project: Project) -> None:
    write_raw_fashion(project.folder / "data/raw/fashion", labels=5)
    assert "5 labels for 6 images" in fail(project, "preprocess_fashion")


def test_a_file_that_is_no_archive(project: Project) -> None:
    path = project.folder / "data/raw/faces/celeba.zip"
    path.parent.mkdir(parents=True)
    path.write_text("<html>quota exceeded</html>")
    assert "celeba.zip: not a readable zip file" in fail(project, "preprocess_faces")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "")
    assert "contains no images" in fail(project, "preprocess_faces")
    assert not any((project.folder / "data/processed").glob("*faces*"))


def test_a_missing_dataset(project: Project) -> None:
    assert "data/processed/faces/dataset.json: cannot be read" in fail(
        project, "train_vae", "faces"
    )
    assert not (project.folder / "models/vae_faces").exists()
    assert not (project.folder / "mlflow.db").exists()


def test_a_missing_model(project: Project) -> None:
    assert "models/vae_faces/encoder.keras" in fail(project, "embed", "vae", "faces")


def test_an_unknown_dataset(project: Project) -> None:
    assert "'flowers'" in fail(project, "train_vae", "flowers")
