"""A project with tiny untrained models, and the explorer that serves it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from explorer_process import Explorer, run_explorer
from untrained_models import write_model

from latent import Model
from latent.io.dataset import write_record
from latent.io.paths import DatasetPaths, ModelPaths
from latent.params import Params

SIDE = 16
COUNTS = {"train": 60, "test": 30}
CLASSES = ["Trouser", "Bag & more", "<b>Coat</b>"]  # the page must not read names as HTML
ATTRIBUTES = ["Smiling", "Big_Lips", "Wearing_Hat", "a:b", "Nobody"]
FACE_DIM = 6


def write_dataset(paths: DatasetPaths, channels: int) -> None:
    """Write a processed dataset of random blocks."""
    folder = paths.processed
    folder.mkdir(parents=True)
    generator = np.random.default_rng(channels)
    for split, count in COUNTS.items():
        blocks = generator.integers(0, 256, (count, 4, 4, channels), np.uint8)
        np.save(folder / f"{split}.npy", blocks.repeat(SIDE // 4, 1).repeat(SIDE // 4, 2))
        columns = {"label": np.arange(count) % len(CLASSES)}
        if channels == 3:
            columns = {name: generator.random(count) < 0.5 for name in ATTRIBUTES}
            columns["Nobody"] = np.zeros(count, bool)
        ids = [f"{number}.png" for number in range(count)]
        pd.DataFrame({"image_id": ids, **columns}).to_parquet(folder / f"{split}.parquet")
    preparation = {"fit": "crop", "padding": 0} if channels == 3 else {"fit": "pad", "padding": 2}
    record = {"name": paths.name, "source": "sample", "preparation": preparation}
    write_record(folder, record | ({"classes": CLASSES} if channels == 1 else {}))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, params: Params) -> Path:
    """A project, which tests must not change."""
    root = tmp_path_factory.mktemp("explorer")
    write_dataset(DatasetPaths("fashion", root), 1)
    write_dataset(DatasetPaths("faces", root), 3)
    plane = {"filters": [4, 8], "latent_dim": 2}
    write_model(ModelPaths("ae_fashion", root), params.train_ae.fashion.model_copy(update=plane))
    write_model(ModelPaths("vae_fashion", root), params.train_vae.fashion.model_copy(update=plane))
    more = {**plane, "latent_dim": FACE_DIM}
    write_model(ModelPaths("vae_faces", root), params.train_vae.fashion.model_copy(update=more))
    return root


@pytest.fixture(scope="session")
def explorer(project: Path) -> Iterator[Explorer]:
    """The explorer of the project."""
    with run_explorer(project) as running:
        yield running


@pytest.fixture(scope="session")
def faces(project: Path) -> Model:
    return Model.load("vae_faces", project)


@pytest.fixture(scope="session")
def garments(project: Path) -> Model:
    return Model.load("vae_fashion", project)


@pytest.fixture(scope="session")
def incomplete(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    """The explorer of a project that lacks a model, a dataset and the attribute vectors."""
    root = Path(shutil.copytree(project, tmp_path_factory.mktemp("incomplete") / "project"))
    shutil.rmtree(root / "models/ae_fashion")
    shutil.rmtree(root / "data/processed/fashion")
    shutil.rmtree(root / "data/attribute_vectors")
    with run_explorer(root) as running:
        yield running
