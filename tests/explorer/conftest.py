"""A project with tiny untrained models, and the explorer that serves it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from explorer_process import Explorer, run_explorer

from latent import Model
from latent.io.dataset import read_record, write_record
from latent.io.files import write_json
from latent.io.paths import DatasetPaths, ModelPaths
from latent.latent_space.attribute_vectors import find_attribute_vectors, write_vectors
from latent.latent_space.embedding import embed_dataset
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import Params, TrainAE
from latent.training.provenance import describe_provenance

SIDE = 16
COUNTS = {"train": 60, "test": 30}
CLASSES = ["Trouser", "Bag & more", "<b>Coat</b>"]  # the page must not read names as HTML
ATTRIBUTES = ["Smiling", "Big_Lips", "Wearing_Hat", "a:b", "Nobody"]
FACE_DIM = 6
CONTRAST = 3  # an untrained decoder's images are nearly of one colour


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


def write_model(paths: ModelPaths, architecture: TrainAE) -> None:
    """Write an untrained model, its embeddings and its attribute vectors."""
    record = read_record(paths.dataset.processed)
    shape = tuple(record["shape"])
    kind, _, dataset = paths.name.partition("_")
    keras.utils.set_random_seed(1)
    if kind == "vae":
        encoder = build_variational_encoder(architecture, shape, 1)
    else:
        encoder = build_encoder(architecture, shape)
    decoder = build_decoder(architecture, shape)
    decoder.set_weights([CONTRAST * weights for weights in decoder.get_weights()])
    paths.model.mkdir(parents=True)
    save_model(encoder, paths.model / "encoder.keras")
    save_model(decoder, paths.model / "decoder.keras")
    parameters = {f"train_{kind}.{dataset}.latent_dim": architecture.latent_dim}
    write_json(paths.provenance, describe_provenance(record, parameters))
    embed_dataset(paths, 1000)
    if dataset == "faces":
        vectors = find_attribute_vectors(paths.embeddings, paths.dataset.processed)
        write_vectors(vectors, paths.attribute_vectors)


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
