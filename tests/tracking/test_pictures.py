"""Pictures in the descriptions of a run and of its registered models."""

from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from PIL import Image

from latent.models.networks import build_decoder, build_encoder
from latent.models.storage import save_model
from latent.params import TrainVAE
from latent.tracking.models import register_model
from latent.tracking.pictures import WIDTH, show_pictures
from latent.tracking.run import Run

EXPERIMENT = "ae_tiny"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    mlflow.end_run()
    mlflow.set_tracking_uri(None)


def draw(path: Path) -> Path:
    Image.new("RGB", (1800, 900), "red").save(path)
    return path


def test_the_last_pictures_stand_below_the_descriptions(
    root: Path, tiny_architecture: TrainVAE
) -> None:
    model = root / "model"
    model.mkdir()
    save_model(build_encoder(tiny_architecture, (8, 8, 1)), model / "encoder.keras")
    save_model(build_decoder(tiny_architecture, (8, 8, 1)), model / "decoder.keras")
    pictures = [draw(root / "3-07_by label.png"), root / "3-08_never_drawn.png"]
    with Run(root, EXPERIMENT, "fail", description="What it is.") as run:
        register_model(run, model)
        show_pictures(run, [draw(root / "3-01_older.png")])
        show_pictures(run, pictures)

    client = mlflow.MlflowClient()
    text = client.get_run(run.run_id).data.tags["mlflow.note.content"]
    address = f"get-artifact?path=previews%2F3-07_by+label.png&run_uuid={run.run_id}"
    assert text == f"What it is.\n\n![3-07_by label]({address})"
    for part in ("encoder", "decoder"):
        assert client.get_registered_model(f"{EXPERIMENT}_{part}").description == text
    preview = client.download_artifacts(run.run_id, "previews/3-07_by label.png", str(root))
    with Image.open(preview) as image:
        assert image.size == (WIDTH, WIDTH // 2)
