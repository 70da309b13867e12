"""All measures of a model together: of every kind of model, and of data that lacks something."""

import json
import logging
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from latent.data.dataset import SPLITS, read_split
from latent.errors import InputError
from latent.evaluate.holes import EXPECTED
from latent.evaluate.judging import make_judge
from latent.evaluate.model import Evaluation, evaluate_model
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import Evaluate, Params, TrainAE, TrainVAE
from latent.space.embedding import embed

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


def write_model(root: Path, data: Path, section: TrainAE) -> None:
    """Write a model that has learnt nothing, and where it puts the images."""
    for name in ("model", "embeddings"):
        (root / name).mkdir()
    keras.utils.set_random_seed(0)
    if isinstance(section, TrainVAE):
        encoder = build_variational_encoder(section, SHAPE, seed=0)
    else:
        encoder = build_encoder(section, SHAPE)
    save_model(encoder, root / "model/encoder.keras")
    save_model(build_decoder(section, SHAPE), root / "model/decoder.keras")
    for split in SPLITS:
        embed(encoder, read_split(data, split).images, 50, root / "embeddings", split)


def write_judge(root: Path, params: Params) -> None:
    judge = params.train_judge.fashion.model_copy(update={"filters": [4], "epochs": 1})
    train, test = (read_split(root / "data", split) for split in SPLITS)
    make_judge(train, test, ["a", "b", "c"], judge, root / "judge")


def evaluated(root: Path, section: TrainAE, params: Evaluate) -> Evaluation:
    folders = (root / name for name in ("model", "embeddings", "data", "judge"))
    return evaluate_model(*folders, section, params)


@pytest.fixture(scope="module")
def vae(
    tmp_path_factory: pytest.TempPathFactory, params: Params, tiny_architecture: TrainVAE
) -> Path:
    root = tmp_path_factory.mktemp("vae")
    write_dataset(root / "data", classes=3)
    write_model(root, root / "data", tiny_architecture)
    write_judge(root, params)
    return root


def test_a_vae_has_every_number_and_the_same_ones_again(
    vae: Path, evaluate: Evaluate, tiny_architecture: TrainVAE, tmp_path: Path
) -> None:
    found = evaluated(vae, tiny_architecture, evaluate)
    names = {name.removeprefix("evaluate/") for name in found.metrics}
    assert len(names) == len(found.metrics)
    assert {
        *("elbo_nats", "elbo_bits", "elbo_weighted_nats", "importance_nats", "bce_floor_nats"),
        *("beta", "active_units", "unlike_prior", "holes/prior", "holes/box", "favour/gaussian"),
        *("prior/frechet", "mixture/precision", "reconstructions/coverage", "floor/malformed"),
        *("judge/accuracy", "compared"),
    } <= names
    assert not [name for name in names if name.startswith(("box", "psnr"))]
    assert all(isinstance(value, int | float) for value in found.metrics.values())
    assert np.isfinite(list(found.metrics.values())).all()
    assert found.metrics["evaluate/compared"] == 20
    bound, elbo = (found.metrics[f"evaluate/importance{part}_nats"] for part in ("", "_elbo"))
    assert bound > elbo
    found.write_tables(tmp_path / "tables")
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        *("classes.csv", "dimensions.csv", "samples.csv"),
    }
    assert evaluated(vae, tiny_architecture, evaluate).metrics == found.metrics
    json.dumps(found.metrics, allow_nan=False)


def test_an_autoencoder_has_no_bound_and_is_drawn_from_its_box(
    vae: Path, params: Params, evaluate: Evaluate, tmp_path: Path
) -> None:
    section = params.train_ae.fashion.model_copy(update={"filters": [4, 8], "noise_std": 0.1})
    write_model(tmp_path, vae / "data", section)
    folders = (tmp_path / "model", tmp_path / "embeddings", vae / "data", vae / "judge")
    metrics = evaluate_model(*folders, section, evaluate).metrics
    names = {name.removeprefix("evaluate/") for name in metrics}
    assert {"reconstruction_nats", "box/frechet", "mixture/frechet", "psnr_denoised"} <= names
    assert not [name for name in names if name.startswith(("prior", "elbo", "kl", "importance"))]


def test_without_a_judge_the_rest_is_measured(
    tmp_path: Path,
    params: Params,
    evaluate: Evaluate,
    tiny_architecture: TrainVAE,
    caplog: pytest.LogCaptureFixture,
) -> None:
    section = tiny_architecture.model_copy(update={"latent_dim": 3})
    write_dataset(tmp_path / "data", classes=1)
    write_model(tmp_path, tmp_path / "data", section)
    with caplog.at_level(logging.WARNING):
        write_judge(tmp_path, params)
    assert "no judge" in caplog.text
    found = evaluated(tmp_path, section, evaluate)
    assert "evaluate/elbo_nats" in found.metrics
    # Nor is a space of three dimensions looked through for holes.
    assert not [name for name in found.metrics if "/holes" in name or "/frechet" in name]
    assert set(found.tables) == {"dimensions"}


def test_embeddings_of_other_images_are_refused(
    vae: Path, evaluate: Evaluate, tiny_architecture: TrainVAE, tmp_path: Path
) -> None:
    (tmp_path / "embeddings").mkdir()
    np.save(tmp_path / "embeddings/test_z_mean.npy", np.zeros((7, 2), np.float32))
    folders = (vae / "model", tmp_path / "embeddings", vae / "data", vae / "judge")
    with pytest.raises(InputError, match=r"test_z_mean\.npy: 7 embeddings of 30 images"):
        evaluate_model(*folders, tiny_architecture, evaluate)


def test_a_space_that_is_the_prior_shows_the_holes_that_chance_has(
    tmp_path: Path, params: Params, evaluate: Evaluate, tiny_architecture: TrainVAE
) -> None:
    # Were its embeddings drawn from the prior's own stream, they would be the points of the prior.
    count = 1000
    write_dataset(tmp_path / "data", classes=1, sizes={"train": 2, "test": count})
    write_model(tmp_path, tmp_path / "data", tiny_architecture)
    write_judge(tmp_path, params)
    for name in ("z_mean", "z_log_var"):
        np.save(tmp_path / f"embeddings/test_{name}.npy", np.zeros((count, 2), np.float32))
    drawn = evaluate.model_copy(update={"embedded": count, "drawn": count})
    found = evaluated(tmp_path, tiny_architecture, drawn).metrics
    assert found["evaluate/holes/prior"] == pytest.approx(EXPECTED, abs=0.007)
    assert found["evaluate/holes/gaussian"] == pytest.approx(EXPECTED, abs=0.007)
