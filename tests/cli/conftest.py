"""A project with tiny untrained models, and the command line that runs in it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from latent_command import SIDE, Latent, Result, write_lock
from PIL import Image
from untrained_models import write_model

from latent.cli.main import main
from latent.io.dataset import write_record
from latent.io.files import write_json
from latent.io.paths import DatasetPaths, ModelPaths
from latent.params import TrainVAE

COUNTS = {"train": 30, "test": 12}
ATTRIBUTES = ["Smiling", "Eyeglasses", "Hat=big"]


def write_dataset(paths: DatasetPaths, channels: int) -> None:
    """Write a processed dataset of random images."""
    folder = paths.processed
    folder.mkdir(parents=True)
    generator = np.random.default_rng(channels)
    for split, count in COUNTS.items():
        shape = (count, SIDE, SIDE, channels)
        np.save(folder / f"{split}.npy", generator.integers(0, 256, shape, np.uint8))
        columns = (
            {"label": np.arange(count) % 2}
            if channels == 1
            else {name: generator.random(count) < 0.5 for name in ATTRIBUTES}
        )
        ids = [f"{split}/{number}.png" for number in range(count)]
        pd.DataFrame({"image_id": ids, **columns}).to_parquet(folder / f"{split}.parquet")
    preparation = {"fit": "stretch" if channels == 3 else "pad", "padding": 2 * (channels == 1)}
    record = {"name": paths.name, "source": "sample", "preparation": preparation}
    write_record(folder, record | ({"classes": ["shoe", "coat"]} if channels == 1 else {}))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, tiny_architecture: TrainVAE) -> Path:
    """A project with three untrained models of 16×16 images, and some photos."""
    root = tmp_path_factory.mktemp("project")
    (root / "dvc.yaml").touch()
    for name, channels in (("fashion", 1), ("faces", 3)):
        write_dataset(DatasetPaths(name, root), channels)
    for name in ("ae_fashion", "vae_fashion", "vae_faces"):
        write_model(ModelPaths(name, root), tiny_architecture)
    metrics = {"test/reconstruction_nats": 123.44, "test/kl_loss": 5.67}
    write_json(ModelPaths("vae_faces", root).training_metrics, metrics)
    write_json(ModelPaths("vae_faces", root).evaluation_metrics, {"evaluate/prior/frechet": 8.9})
    write_lock(root, evaluated="a")
    photos = root / "photos"
    photos.mkdir()
    pixels = np.random.default_rng(5).integers(0, 256, (3, 40, 30, 3), np.uint8)
    for name, image in zip("abc", pixels, strict=True):
        Image.fromarray(image).save(photos / f"{name}.png")
    return root


@pytest.fixture
def latent(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Latent:
    """Run a command in this process, in the folder of the project's photos."""
    monkeypatch.chdir(project / "photos")

    def run(*arguments: object) -> Result:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return Result(int(ended.value.code or 0), *capfd.readouterr())

    return run
