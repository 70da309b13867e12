"""Edits from files to files, where there is something to judge and where there is nothing."""

import logging
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from latent.data.dataset import SPLITS, read_split
from latent.errors import InputError
from latent.evaluate.attribute_edits import EditTables
from latent.evaluate.edits import edit_metrics
from latent.evaluate.face_edits import evaluate_edits, write_edits
from latent.evaluate.judging import make_judge
from latent.figures.vae_faces_edits import draw_vae_faces_edits
from latent.models.networks import build_decoder
from latent.models.storage import save_model
from latent.params import Params, TrainVAE
from latent.space.attributes import find_attribute_vectors, write_vectors

SHAPE = (8, 8, 3)


def write_stages(
    root: Path, params: Params, section: TrainVAE, attributes: tuple[str, ...]
) -> None:
    """Write what the stages before leave."""
    generator = np.random.default_rng(0)
    (root / "data").mkdir()
    (root / "data/dataset.json").write_text('{"source": "sample"}')
    (root / "embeddings").mkdir()
    for split in SPLITS:
        has = {name: generator.random(30) < 0.5 for name in attributes}
        images = generator.integers(0, 256, (30, *SHAPE)).astype(np.uint8)
        np.save(root / f"data/{split}.npy", images)
        table = pd.DataFrame({"image_id": range(30), **has})
        table.to_parquet(root / f"data/{split}.parquet")
        z_mean = generator.standard_normal((30, section.latent_dim), dtype=np.float32)
        np.save(root / f"embeddings/{split}_z_mean.npy", z_mean)
    write_vectors(find_attribute_vectors(root / "embeddings", root / "data"), root / "vectors")
    keras.utils.set_random_seed(0)
    (root / "model").mkdir()
    save_model(build_decoder(section, SHAPE), root / "model/decoder.keras")
    judge = params.train_judge.faces.model_copy(update={"filters": [4], "epochs": 1})
    splits = [read_split(root / "data", split) for split in SPLITS]
    make_judge(*splits, [], judge, root / "judge")


def evaluated(root: Path, params: Params) -> EditTables:
    folders = (root / name for name in ("model", "embeddings", "vectors", "data", "judge"))
    return evaluate_edits(*folders, params.evaluate_edits)


def test_without_attributes_the_files_hold_nothing_and_the_log_says_why(
    tmp_path: Path,
    params: Params,
    tiny_architecture: TrainVAE,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write_stages(tmp_path, params, tiny_architecture, ())
    with caplog.at_level(logging.WARNING):
        tables = evaluated(tmp_path, params)
    assert "no attribute can be judged" in caplog.text
    write_edits(tables, tmp_path / "tables")
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        *("attributes.csv", "cosines.csv", "edits.csv", "reach.csv"),
    }
    draw_vae_faces_edits(tables, tmp_path / "data", tmp_path / "figures")
    assert list((tmp_path / "figures").iterdir()) == []
    assert edit_metrics(tables.attributes, tables.edits) == {
        "edits/attributes": 0,
        "edits/judged": 0,
        "edits/tried": 0,
        "edits/tried_adds": 0,
        "edits/tried_removes": 0,
    }


def test_attributes_that_nobody_can_see_are_listed_with_the_reason(
    tmp_path: Path, params: Params, tiny_architecture: TrainVAE
) -> None:
    write_stages(tmp_path, params, tiny_architecture, ("Up", "Down"))
    tables = evaluated(tmp_path, params)
    assert list(tables.attributes["attribute"]) == ["Up", "Down"]
    assert tables.attributes["status"].str.contains("cannot see").all()
    draw_vae_faces_edits(tables, tmp_path / "data", tmp_path / "figures")
    # The vectors have a cosine, whether or not anybody can judge them.
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["cosines.png"]
    assert edit_metrics(tables.attributes, tables.edits)["edits/judged"] == 0
    (tmp_path / "vectors/attribute_vectors.parquet").unlink()
    with pytest.raises(InputError, match=r"attribute_vectors\.parquet"):
        evaluated(tmp_path, params)
