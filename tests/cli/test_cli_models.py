"""The list of the trained models, and the description of one."""

import json
import os
import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from latent_command import Latent, write_lock

from latent import Model
from latent.models.storage import load_model, save_model

WRITTEN = datetime(2020, 9, 13, 12, 26)


@pytest.fixture
def copy(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, which is the working folder."""
    root = tmp_path / "copy"
    shutil.copytree(project, root)
    os.utime(root / "models/vae_faces/provenance.json", (0, WRITTEN.timestamp()))
    monkeypatch.chdir(root)
    return root


def test_list(latent: Latent, copy: Path) -> None:
    result = latent("models")
    assert (result.code, result.err) == (0, "")
    head, *rows = result.out.split("\n\n")[0].splitlines()
    assert [row.split()[0] for row in rows] == ["ae_fashion", "vae_fashion", "vae_faces"]
    assert re.split("  +", rows[2]) == [
        *("vae_faces", "synthetic sample data", "30 + 12", "16×16×3", "2", "2"),
        *("123.4", "5.7", "8.9", "–", "cpu", f"{WRITTEN:%Y-%m-%d %H:%M}"),
    ]
    # All columns begin at the same place.
    assert rows[0].index("cpu") == rows[2].index("cpu") == head.index("device")


def test_metrics_of_an_earlier_model_are_left_out(latent: Latent, copy: Path) -> None:
    write_lock(copy, evaluated="of an earlier model")
    result = latent("models")
    assert (result.code, result.err) == (0, "")
    assert "123.4" in result.out
    assert "8.9" not in result.out


@pytest.mark.parametrize("content", [None, "", "stages: {a: 1}", "<<<<<<< ours"])
def test_without_a_usable_lock_no_metrics_are_shown(
    latent: Latent, copy: Path, content: str | None
) -> None:
    (copy / "dvc.lock").unlink()
    if content is not None:
        (copy / "dvc.lock").write_text(content)
    result = latent("models")
    assert result.code == 0
    assert "123.4" not in result.out
    assert result.err.startswith("WARNING: ")
    assert "dvc.lock: cannot be read" in result.err
    assert result.err.count("\n") == 1


def test_unusable_model_does_not_hide_the_others(latent: Latent, copy: Path) -> None:
    provenance = copy / "models/ae_fashion/provenance.json"
    content = json.loads(provenance.read_text())
    content["data"]["source"] = "fashion_mnist"
    provenance.write_text(json.dumps(content))
    (copy / "models/vae_fashion/provenance.json").unlink()
    result = latent("models")
    assert result.code == 0
    assert "Fashion-MNIST" in result.out
    assert "vae_faces" in result.out
    assert "\nvae_fashion" not in result.out
    assert result.err.startswith("WARNING: ")
    assert result.err.count("\n") == 1


def test_description(latent: Latent, project: Path) -> None:
    result = latent("models", "vae_faces")
    assert (result.code, result.err) == (0, "")
    facts, attributes = result.out.split("\n\n")
    named = dict(line.split(":", 1) for line in facts.splitlines())
    assert named["model"].strip() == "vae_faces, variational autoencoder"
    assert named["trained on"].strip() == "faces, synthetic sample data"
    assert named["train_vae.faces.latent_dim"].strip() == "2"
    assert named["test/kl_loss"].strip() == "5.67"
    table = Model.load("vae_faces", project).attributes
    rows = [line.split() for line in attributes.splitlines()[1:]]
    assert rows == [
        [row["attribute"], f"{row['auc']:.3f}", str(row["with"]), str(row["without"])]
        for _, row in table.iterrows()
    ]


def test_description_of_a_model_elsewhere(latent: Latent, project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(project / "models/vae_faces", folder)
    result = latent("models", folder)
    assert (result.code, result.err) == (0, "")
    assert "variational autoencoder" in result.out
    # The project's metrics are those of its own model.
    assert "test/" not in result.out
    assert "Smiling" in result.out


def test_attribute_vectors_of_another_model(latent: Latent, project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(project / "models/vae_faces", folder)
    encoder = load_model(folder / "encoder.keras")
    encoder.set_weights([weights + 1 for weights in encoder.get_weights()])
    save_model(encoder, folder / "encoder.keras")
    result = latent("models", folder)
    assert result.code == 0
    assert "Smiling" not in result.out
    assert result.err.startswith("WARNING: ")
    assert result.err.count("\n") == 1
