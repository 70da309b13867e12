"""Evaluation of edits from files to files, with and without attributes."""

import logging
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from latent.classifier.classifier import make_classifier
from latent.errors import InputError
from latent.evaluate_edits.evaluate import evaluate_edits, write_edits
from latent.evaluate_edits.measure import edit_metrics
from latent.figures.edits.draw import draw_edits
from latent.io.dataset import SPLITS, read_split
from latent.io.paths import ModelPaths
from latent.latent_space.attribute_vectors import find_attribute_vectors, write_vectors
from latent.models.networks import build_decoder
from latent.models.storage import save_model
from latent.params import Params, TrainVAE

SHAPE = (8, 8, 3)


def write_stages(
    root: Path, params: Params, section: TrainVAE, attributes: tuple[str, ...]
) -> ModelPaths:
    """Write the outs of the earlier stages."""
    paths = ModelPaths("vae_faces", root)
    data = paths.dataset.processed
    generator = np.random.default_rng(0)
    for folder in (data, paths.embeddings, paths.model):
        folder.mkdir(parents=True)
    (data / "dataset.json").write_text('{"source": "sample"}')
    for split in SPLITS:
        has = {name: generator.random(30) < 0.5 for name in attributes}
        images = generator.integers(0, 256, (30, *SHAPE)).astype(np.uint8)
        np.save(data / f"{split}.npy", images)
        table = pd.DataFrame({"image_id": range(30), **has})
        table.to_parquet(data / f"{split}.parquet")
        z_mean = generator.standard_normal((30, section.latent_dim), dtype=np.float32)
        np.save(paths.embeddings / f"{split}_z_mean.npy", z_mean)
    write_vectors(find_attribute_vectors(paths.embeddings, data), paths.attribute_vectors)
    keras.utils.set_random_seed(0)
    save_model(build_decoder(section, SHAPE), paths.model / "decoder.keras")
    classifier = params.train_classifier.faces.model_copy(update={"filters": [4], "epochs": 1})
    splits = [read_split(data, split) for split in SPLITS]
    make_classifier(*splits, [], classifier, paths.dataset.classifier)
    return paths


def test_without_attributes_the_files_are_empty_and_a_warning_is_logged(
    tmp_path: Path,
    params: Params,
    tiny_architecture: TrainVAE,
    caplog: pytest.LogCaptureFixture,
) -> None:
    paths = write_stages(tmp_path, params, tiny_architecture, ())
    with caplog.at_level(logging.WARNING):
        tables = evaluate_edits(paths, params.evaluate_edits)
    assert "the classifier recognizes no attribute in the reconstructions" in caplog.text
    write_edits(tables, paths)
    assert {path.name for path in paths.edits.iterdir()} == {
        *("attributes.csv", "cosines.csv", "edits.csv", "smallest_alpha.csv"),
    }
    draw_edits(tables, paths)
    assert list(paths.edit_figures.iterdir()) == []
    assert edit_metrics(tables.attributes, tables.edits) == {
        "edits/attributes": 0,
        "edits/recognized": 0,
        "edits/tried": 0,
        "edits/tried_adds": 0,
        "edits/tried_removes": 0,
    }


def test_attributes_that_are_not_recognized_have_a_reason(
    tmp_path: Path, params: Params, tiny_architecture: TrainVAE
) -> None:
    paths = write_stages(tmp_path, params, tiny_architecture, ("Up", "Down"))
    tables = evaluate_edits(paths, params.evaluate_edits)
    assert list(tables.attributes["attribute"]) == ["Up", "Down"]
    assert tables.attributes["status"].str.startswith("not recognized in").all()
    draw_edits(tables, paths)
    # The cosine similarities do not depend on the classifier.
    assert [path.name for path in paths.edit_figures.iterdir()] == ["cosines.png"]
    assert edit_metrics(tables.attributes, tables.edits)["edits/recognized"] == 0
    (paths.attribute_vectors / "attribute_vectors.parquet").unlink()
    with pytest.raises(InputError, match=r"attribute_vectors\.parquet"):
        evaluate_edits(paths, params.evaluate_edits)


def test_attributes_may_have_the_names_of_columns(
    tmp_path: Path, params: Params, tiny_architecture: TrainVAE
) -> None:
    names = ("attribute", "vectors", "label", "auc")
    paths = write_stages(tmp_path, params, tiny_architecture, names)
    write_edits(evaluate_edits(paths, params.evaluate_edits), paths)
    header = (paths.edits / "cosines.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header == ["", *names]
    cosines = pd.read_csv(paths.edits / "cosines.csv", index_col=0)
    assert list(cosines.index) == list(cosines.columns) == list(names)
    np.testing.assert_allclose(np.diag(cosines), 1)
