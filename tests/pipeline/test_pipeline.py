"""Tests of the whole pipeline's outs, on a sample too small to train useful models."""

import json
import re
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import Reproduced

MODELS = ("ae_fashion", "vae_fashion", "vae_faces")
SIZES = {"fashion": {"train": 120, "test": 40}, "faces": {"train": 80, "test": 10}}
SHAPES = {"fashion": (32, 32, 1), "faces": (32, 32, 3)}


def test_every_stage_runs_and_logs_only_the_expected_warnings(reproduced: Reproduced) -> None:
    stages = reproduced.run("dvc", "stage", "list", "--name-only").stdout.split()
    ran = [line for line in reproduced.log.splitlines() if line.startswith("Running stage")]
    assert len(ran) == len(stages) == 22
    assert "absl" not in reproduced.log
    assert "Traceback" not in reproduced.log
    # After two epochs of two steps, the posteriors of Fashion-MNIST are collapsed. The models with
    # batch normalisation had too few steps. Some attributes are the same for all ten test images of
    # faces, and none is recognized in the reconstructions.
    warnings = [line for line in reproduced.log.splitlines() if "WARNING" in line]
    assert sorted(re.split("[:.]", line)[1] for line in warnings) == [
        " The posterior has collapsed",
        *(f" The training had only {steps} steps" for steps in (2, 4, 6)),
        " the classifier ignores attributes that are the same in all training images or in all "
        "test images",
        " the classifier recognizes no attribute in the reconstructions, so no edits are evaluated",
    ]


def test_a_second_run_runs_nothing(reproduced: Reproduced) -> None:
    done = reproduced.run("dvc", "repro")
    assert done.returncode == 0
    assert "Running stage" not in done.stdout
    assert "Data and pipelines are up to date." in done.stdout


def test_stages_write_only_outs_and_known_files(reproduced: Reproduced) -> None:
    outs = [
        out
        for stage in yaml.safe_load((reproduced.folder / "dvc.lock").read_text())["stages"].values()
        for out in (entry["path"] for entry in stage["outs"])
    ]
    known = (*outs, "dvc.lock", "mlflow.db", "mlartifacts/", ".cache/")
    new = {
        name
        for name in reproduced.files() - reproduced.before
        if not name.startswith(known)
        and "__pycache__" not in name
        and Path(name).name != ".gitignore"
    }
    assert new == set()


@pytest.mark.parametrize("dataset", SIZES)
def test_format_of_processed_datasets(reproduced: Reproduced, dataset: str) -> None:
    folder = reproduced.folder / "data/processed" / dataset
    for split, size in SIZES[dataset].items():
        images = np.load(folder / f"{split}.npy", mmap_mode="r")
        assert images.shape == (size, *SHAPES[dataset])
        assert images.dtype == np.uint8
        assert images.flags.c_contiguous
        table = pd.read_parquet(folder / f"{split}.parquet")
        assert len(table) == size
        assert table.columns[0] == "image_id"
        assert table["image_id"].is_unique
        labels = table.drop(columns="image_id")
        if dataset == "fashion":
            assert list(labels) == ["label"]
        else:
            assert labels.select_dtypes(bool).shape == labels.shape
            assert labels.shape[1] == 40
    record = json.loads((folder / "dataset.json").read_text())
    assert record["source"] == "sample"
    assert record["images"] == SIZES[dataset]


@pytest.mark.parametrize("model", MODELS)
def test_format_of_a_model_its_history_and_its_embeddings(
    reproduced: Reproduced, model: str
) -> None:
    kind, dataset = model.split("_")
    files = {path.name for path in (reproduced.folder / "models" / model).iterdir()}
    assert files == {
        "encoder.keras",
        "decoder.keras",
        "summary.txt",
        "samples.npy",
        "provenance.json",
    }
    samples = np.load(reproduced.folder / "models" / model / "samples.npy")
    assert samples.shape == (2, 10, *SHAPES[dataset])
    history = pd.read_csv(reproduced.folder / f"reports/plots/{model}/history.csv")
    assert list(history["epoch"]) == [1, 2]
    assert np.isfinite(history.to_numpy()).all()
    names = ["z_mean", "z_log_var"] if kind == "vae" else ["z_mean"]
    folder = reproduced.folder / "data/embeddings" / model
    expected = {f"{split}_{name}.npy" for split in ("train", "test") for name in names}
    assert {path.name for path in folder.iterdir()} == expected
    for name in names:
        z = np.load(folder / f"test_{name}.npy")
        assert z.shape == (SIZES[dataset]["test"], 6 if dataset == "faces" else 2)
        assert z.dtype == np.float32


@pytest.mark.parametrize("model", MODELS)
def test_training_metrics_are_numbers_and_agree_with_the_history(
    reproduced: Reproduced, model: str
) -> None:
    metrics = json.loads((reproduced.folder / f"reports/metrics/{model}.json").read_text())
    assert all(isinstance(value, int | float) for value in metrics.values())
    last = pd.read_csv(reproduced.folder / f"reports/plots/{model}/history.csv").iloc[-1]
    assert metrics["test/loss"] == last["test/loss"]
    shown = reproduced.run("dvc", "metrics", "show")
    assert shown.returncode == 0
    assert "parameters/encoder" in shown.stdout


@pytest.mark.parametrize("model", MODELS)
def test_evaluation_metrics_and_tables(reproduced: Reproduced, model: str) -> None:
    metrics = json.loads(
        (reproduced.folder / f"reports/metrics/{model}_evaluation.json").read_text()
    )
    assert np.isfinite(list(metrics.values())).all()
    assert ("evaluate/importance_nats" in metrics) == model.startswith("vae")
    assert ("evaluate/holes/box" in metrics) == model.endswith("fashion")
    folder = reproduced.folder / "reports/evaluation" / model
    dimensions = pd.read_csv(folder / "dimensions.csv")
    assert len(dimensions) == metrics["evaluate/latent_dim"]
    kinds = list(pd.read_csv(folder / "samples.csv")["kind"])
    first = "prior" if model.startswith("vae") else "box"
    assert kinds == [first, "mixture", "reconstructions", "real_images"]


def test_the_claims_can_be_printed(reproduced: Reproduced) -> None:
    done = reproduced.run("python", "-m", "stages.claims")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("| claim of the chapter | measure |")
    assert len(done.stdout.splitlines()) > 10


def test_attribute_vectors_have_a_row_per_attribute(reproduced: Reproduced) -> None:
    folder = reproduced.folder / "data/attribute_vectors/faces"
    vectors = pd.read_parquet(folder / "attribute_vectors.parquet")
    assert list(vectors) == ["attribute", "with", "without", "norm", "auc", "vector"]
    assert len(vectors) == 40
    assert (vectors["with"] + vectors["without"] == 80).all()
    assert {len(vector) for vector in vectors["vector"]} == {6}


def test_figures_are_shown_by_dvc(reproduced: Reproduced) -> None:
    shown = reproduced.run("dvc", "plots", "show", "--json")
    assert shown.returncode == 0, shown.stderr
    for figure in (
        "ae_fashion/3-02_embeddings.png",
        "vae_fashion/3-13_embeddings_and_samples.png",
        "vae_faces/3-19_edit_Smiling.png",
        "vae_faces/3-20_morphs.png",
        "chapter/ae_and_vae_embeddings.png",
    ):
        assert (reproduced.folder / "reports/figures" / figure).read_bytes()[1:4] == b"PNG"
        assert figure in shown.stdout


@pytest.mark.parametrize("model", MODELS)
def test_mlflow_has_one_complete_run_per_model(reproduced: Reproduced, model: str) -> None:
    kind, dataset = model.split("_")
    client = mlflow.MlflowClient(f"sqlite:///{reproduced.folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(model)
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params[f"train_{kind}.{dataset}.epochs"] == "2"
    assert run.data.params[f"download.{dataset}.source"] == "sample"
    assert run.data.params["runtime.threads"] == "2"
    assert run.data.tags["data.source"] == "sample"
    steps = [point.step for point in client.get_metric_history(run.info.run_id, "test/loss")]
    assert sorted(set(steps)) == [1, 2]
    assert {"embedding.std", "parameters.encoder"} <= set(run.data.metrics)
    assert {"evaluate.reconstruction_nats", "evaluate.real_images.precision"} <= set(
        run.data.metrics
    )
    tables = {item.path for item in client.list_artifacts(run.info.run_id, "evaluation")}
    assert "evaluation/dimensions.csv" in tables
    assert run.inputs.dataset_inputs[0].dataset.name == dataset
    assert run.data.tags["mlflow.source.git.commit"]
    figures = {item.path for item in client.list_artifacts(run.info.run_id, "figures")}
    assert len(figures) == len(list((reproduced.folder / "reports/figures" / model).iterdir()))
    if model == "vae_faces":
        assert "mean_auc" in run.data.metrics


def test_registered_models_predict_in_a_process_without_the_project(
    reproduced: Reproduced, tmp_path: Path
) -> None:
    script = f"""
import sys
# The editable installation puts the project's src/ on the path.
sys.path = [folder for folder in sys.path if not folder.endswith("/src")]
import mlflow, numpy as np
mlflow.set_tracking_uri("sqlite:///{reproduced.folder / "mlflow.db"}")
images = np.load("{reproduced.folder / "data/processed/faces/test.npy"}")
encoder = mlflow.pyfunc.load_model("models:/vae_faces_encoder@newest")
decoder = mlflow.pyfunc.load_model("models:/vae_faces_decoder@newest")
z_mean = encoder.predict(images)["z_mean"]
np.save("z_mean.npy", z_mean)
np.save("images.npy", decoder.predict(z_mean)["images"])
"""
    subprocess.run([sys.executable, "-I", "-c", script], cwd=tmp_path, check=True)
    expected = np.load(reproduced.folder / "data/embeddings/vae_faces/test_z_mean.npy")
    np.testing.assert_allclose(np.load(tmp_path / "z_mean.npy"), expected, rtol=1e-4, atol=1e-5)
    assert np.load(tmp_path / "images.npy").shape == (10, 32, 32, 3)
