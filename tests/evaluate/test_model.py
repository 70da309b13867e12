"""Evaluation of each kind of model, and with missing data."""

import json
import logging
import shutil
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from latent.classifier.classifier import make_classifier
from latent.errors import InputError
from latent.evaluate.holes import EXPECTED
from latent.evaluate.model import evaluate_model
from latent.io.dataset import SPLITS, read_split
from latent.io.paths import DatasetPaths, ModelPaths
from latent.latent_space.embedding import embed
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import Evaluate, Params, TrainAE, TrainVAE

SHAPE = (8, 8, 1)
SIZES = {"train": 40, "test": 30}


@pytest.fixture(scope="module")
def evaluate(params: Params) -> Evaluate:
    changes = {
        "images": 20,
        "importance_images": 4,
        "importance_samples": 3,
        "drawn": 50,
        "components": 2,
        "neighbours": 2,
    }
    return params.evaluate.model_copy(update=changes)


def write_dataset(folder: Path, classes: int, sizes: dict[str, int] = SIZES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    for split, size in sizes.items():
        labels = np.arange(size) % classes
        images = generator.integers(0, 60, (size, *SHAPE)) + 60 * labels[:, None, None, None]
        np.save(folder / f"{split}.npy", images.astype(np.uint8))
        pd.DataFrame({"label": labels.astype(np.uint8)}).to_parquet(folder / f"{split}.parquet")
    return folder


def write_model(paths: ModelPaths, section: TrainAE) -> None:
    """Write a model with random weights, and its embeddings of the images."""
    for folder in (paths.model, paths.embeddings):
        folder.mkdir(parents=True)
    keras.utils.set_random_seed(0)
    if isinstance(section, TrainVAE):
        encoder = build_variational_encoder(section, SHAPE, seed=0)
    else:
        encoder = build_encoder(section, SHAPE)
    save_model(encoder, paths.model / "encoder.keras")
    save_model(build_decoder(section, SHAPE), paths.model / "decoder.keras")
    for split in SPLITS:
        images = read_split(paths.dataset.processed, split).images
        embed(encoder, images, 50, paths.embeddings, split)


def write_classifier(paths: DatasetPaths, params: Params) -> None:
    classifier = params.train_classifier.fashion.model_copy(update={"filters": [4], "epochs": 1})
    train, test = (read_split(paths.processed, split) for split in SPLITS)
    make_classifier(train, test, ["a", "b", "c"], classifier, paths.classifier)


@pytest.fixture(scope="module")
def vae(
    tmp_path_factory: pytest.TempPathFactory, params: Params, tiny_architecture: TrainVAE
) -> ModelPaths:
    paths = ModelPaths("vae_fashion", tmp_path_factory.mktemp("vae"))
    write_dataset(paths.dataset.processed, classes=3)
    write_model(paths, tiny_architecture)
    write_classifier(paths.dataset, params)
    return paths


def test_vae_has_all_metrics_and_they_are_reproducible(
    vae: ModelPaths, evaluate: Evaluate, tiny_architecture: TrainVAE, tmp_path: Path
) -> None:
    evaluation = evaluate_model(vae, tiny_architecture, evaluate)
    names = {name.removeprefix("evaluate/") for name in evaluation.metrics}
    assert len(names) == len(evaluation.metrics)
    assert {
        *("elbo_nats", "elbo_bits", "elbo_weighted_nats", "importance_nats", "bce_floor_nats"),
        *("beta", "active_units", "unlike_prior"),
        *("holes/prior", "holes/box", "class_imbalance/gaussian"),
        *("prior/frechet", "mixture/precision"),
        *("reconstructions/coverage", "real_images/malformed"),
        *("classifier/accuracy", "compared"),
    } <= names
    assert not [name for name in names if name.startswith(("box", "psnr"))]
    assert all(isinstance(value, int | float) for value in evaluation.metrics.values())
    assert np.isfinite(list(evaluation.metrics.values())).all()
    assert evaluation.metrics["evaluate/compared"] == 20
    bound, elbo = (evaluation.metrics[f"evaluate/importance{part}_nats"] for part in ("", "_elbo"))
    assert bound > elbo
    written = ModelPaths("vae_fashion", tmp_path)
    evaluation.write(written)
    assert {path.name for path in written.evaluation.iterdir()} == {
        *("classes.csv", "dimensions.csv", "samples.csv"),
    }
    assert json.loads(written.evaluation_metrics.read_text()) == evaluation.metrics
    assert evaluate_model(vae, tiny_architecture, evaluate).metrics == evaluation.metrics
    json.dumps(evaluation.metrics, allow_nan=False)


def test_autoencoder_has_no_bound_and_is_sampled_from_the_box(
    vae: ModelPaths, params: Params, evaluate: Evaluate, tmp_path: Path
) -> None:
    section = params.train_ae.fashion.model_copy(update={"filters": [4, 8], "noise_std": 0.1})
    paths = ModelPaths("ae_fashion", vae.root)
    write_model(paths, section)
    metrics = evaluate_model(paths, section, evaluate).metrics
    names = {name.removeprefix("evaluate/") for name in metrics}
    assert {"reconstruction_nats", "box/frechet", "mixture/frechet", "psnr_denoised"} <= names
    assert not [name for name in names if name.startswith(("prior", "elbo", "kl", "importance"))]


def test_without_a_classifier_the_other_metrics_are_measured(
    tmp_path: Path,
    params: Params,
    evaluate: Evaluate,
    tiny_architecture: TrainVAE,
    caplog: pytest.LogCaptureFixture,
) -> None:
    section = tiny_architecture.model_copy(update={"latent_dim": 3})
    paths = ModelPaths("vae_fashion", tmp_path)
    write_dataset(paths.dataset.processed, classes=1)
    write_model(paths, section)
    with caplog.at_level(logging.WARNING):
        write_classifier(paths.dataset, params)
    assert "no classifier" in caplog.text
    evaluation = evaluate_model(paths, section, evaluate)
    assert "evaluate/elbo_nats" in evaluation.metrics
    # Holes are measured in one or two dimensions only.
    assert not [name for name in evaluation.metrics if "/holes" in name or "/frechet" in name]
    assert set(evaluation.tables) == {"dimensions"}


def test_embeddings_of_other_images_are_errors(
    vae: ModelPaths, evaluate: Evaluate, tiny_architecture: TrainVAE, tmp_path: Path
) -> None:
    paths = ModelPaths("vae_fashion", tmp_path)
    shutil.copytree(vae.root, tmp_path, dirs_exist_ok=True)
    np.save(paths.embeddings / "test_z_mean.npy", np.zeros((7, 2), np.float32))
    with pytest.raises(InputError, match=r"test_z_mean\.npy: 7 embeddings for 30 images"):
        evaluate_model(paths, tiny_architecture, evaluate)


def test_collapsed_vae_has_the_expected_share_of_holes(
    tmp_path: Path, params: Params, evaluate: Evaluate, tiny_architecture: TrainVAE
) -> None:
    # With the random stream of `sample_prior`, the embeddings would equal the points of the prior.
    count = 1000
    paths = ModelPaths("vae_fashion", tmp_path)
    write_dataset(paths.dataset.processed, classes=1, sizes={"train": 2, "test": count})
    write_model(paths, tiny_architecture)
    write_classifier(paths.dataset, params)
    for name in ("z_mean", "z_log_var"):
        np.save(paths.embeddings / f"test_{name}.npy", np.zeros((count, 2), np.float32))
    section = evaluate.model_copy(update={"embedded": count, "drawn": count})
    metrics = evaluate_model(paths, tiny_architecture, section).metrics
    assert metrics["evaluate/holes/prior"] == pytest.approx(EXPECTED, abs=0.007)
    assert metrics["evaluate/holes/gaussian"] == pytest.approx(EXPECTED, abs=0.007)
