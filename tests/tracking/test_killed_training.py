"""A whole training that is killed, begun again, and compared with one that never was killed."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from tiny_store import SHAPE, fresh_client, runs, sample_images, series, start

from latent.data.dataset import write_record
from latent.params import TrainVAE
from latent.tracking.run import MODEL_TAG, model_digest
from latent.tracking.training import RESUMED_TAG

EXPERIMENT = "vae_fashion"

# Trains a VAE with all that belongs to it; may die while it writes a file.
TRAIN = """
import logging, os, signal, sys
from pathlib import Path
from latent.models.runtime import configure
from latent.errors import InputError
from latent.models.networks import build_decoder, build_variational_encoder
from latent.models.vae import VAE
from latent.params import TrainVAE
from latent.trainer import Training, train_and_keep
from tiny_store import FAIL, SHAPE, outs_in

params = TrainVAE.model_validate_json(sys.argv[1])
data, root, dies_at = Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
rename = os.replace

def replace(source, target):
    if dies_at != "never" and Path(target).match(dies_at):
        os.kill(os.getpid(), signal.SIGKILL)
    rename(source, target)

os.replace = replace
logging.basicConfig(level=logging.WARNING, force=True)
configure(1, params.seed)
encoder = build_variational_encoder(params, SHAPE, params.seed)
model = VAE(encoder, build_decoder(params, SHAPE), params.loss, params.reconstruction_weight)
named = {f"train_vae.fashion.{name}": value for name, value in params.model_dump().items()}
try:
    train_and_keep(
        model,
        Training(
            params=params,
            dataset=data,
            parameters=named,
            upstream={"download.fashion.source": "sample"},
            root=root,
            tracking=FAIL,
            checkpoint_epochs=1,
            outs=outs_in(root, "vae_fashion"),
        ),
    )
except InputError as error:
    sys.exit(f"ERROR: {error}")
"""


@pytest.fixture(autouse=True)
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    with fresh_client(tmp_path_factory.mktemp("elsewhere")) as monkeypatch:
        yield monkeypatch


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for split, count in (("train", 20), ("test", 10)):
        images = np.random.default_rng(count).integers(0, 256, (count, *SHAPE), np.uint8)
        np.save(folder / f"{split}.npy", images)
        table = pd.DataFrame({"image_id": range(count), "label": 0})
        table.to_parquet(folder / f"{split}.parquet")
    write_record(folder, {"name": "fashion", "source": "sample"})
    return folder


def train(params: TrainVAE, data: Path, root: Path, dies_at: str) -> subprocess.Popen[str]:
    """Start a training in the project `root`."""
    root.mkdir(exist_ok=True)
    return start(TRAIN, params.model_dump_json(), data, root, dies_at, cwd=root)


@pytest.fixture(scope="module")
def broken(
    data: Path, tiny_architecture: TrainVAE, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A training whose loss breaks, at work while others are, and its project."""
    params = tiny_architecture.model_copy(update={"learning_rate": 1e30})
    root = tmp_path_factory.mktemp("broken")
    with train(params, data, root, "never") as process:
        yield process, root


def contents(root: Path) -> dict[str, bytes]:
    """Return the outs of a training, byte by byte."""
    folders = ("mlartifacts", ".cache")
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and path.name != "mlflow.db"
        and path.relative_to(root).parts[0] not in folders
    }


def test_a_killed_training_goes_on_in_its_run_and_ends_with_the_same_bytes(
    data: Path,
    tiny_architecture: TrainVAE,
    tmp_path: Path,
    broken: tuple[subprocess.Popen[str], Path],
) -> None:
    params = tiny_architecture.model_copy(update={"epochs": 3})
    roots = [tmp_path / "killed", tmp_path / "whole"]

    def begin(root: Path, dies_at: str) -> subprocess.Popen[str]:
        return train(params, data, root, dies_at)

    # In the middle of the second epoch's checkpoint, and, later, of the model's folder.
    killed, whole = begin(roots[0], "epoch-0002"), begin(roots[1], "never")
    said = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, said
    killed = begin(roots[0], f"models/{EXPERIMENT}")
    said = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, said
    mlflow.set_tracking_uri(f"sqlite:///{roots[0] / 'mlflow.db'}")
    (entity,) = runs(EXPERIMENT)
    assert entity.info.status == "RUNNING"
    # The third one has no epoch left to train.
    for process in (begin(roots[0], "never"), whole):
        said = process.communicate()
        assert process.returncode == 0, said
        assert "MLflow: " not in said[1]

    assert contents(roots[0]) == contents(roots[1])
    assert len(contents(roots[0])) == 7
    for root, resumed in zip(roots, ("2", None), strict=True):
        assert list((root / ".cache" / "training").iterdir()) == []
        mlflow.set_tracking_uri(f"sqlite:///{root / 'mlflow.db'}")
        (entity,) = runs(EXPERIMENT)
        assert entity.info.status == "FINISHED"
        assert entity.data.tags.get(RESUMED_TAG) == resumed
        digest = model_digest(root / "models" / EXPERIMENT)
        assert entity.data.tags[MODEL_TAG] == digest
        history = pd.read_csv(root / f"{EXPERIMENT}_history.csv")
        expected = list(zip(history["epoch"], history["train/loss"], strict=True))
        assert series(entity, "train/loss") == expected
        assert {step for step, _ in sample_images(entity)} == {1, 2, 3}
        assert entity.data.params["download.fashion.source"] == "sample"
        assert entity.data.params["train_vae.fashion.epochs"] == "3"


def test_a_training_whose_loss_breaks_leaves_nothing_and_a_failed_run(
    broken: tuple[subprocess.Popen[str], Path],
) -> None:
    process, root = broken
    _, errors = process.communicate()
    assert process.returncode == 1
    (line,) = [line for line in errors.splitlines() if line.startswith("ERROR")]
    assert line.startswith("ERROR: epoch 1, step 2 of 3: kl_loss nan")
    assert contents(root) == {}
    assert [path for path in (root / ".cache").rglob("epoch-*") if path.is_dir()] == []
    mlflow.set_tracking_uri(f"sqlite:///{root / 'mlflow.db'}")
    (entity,) = runs(EXPERIMENT)
    assert entity.info.status == "FAILED"
    assert entity.data.metrics == {}
