"""Tests of the preview images in the descriptions of a run and of its registered models."""

from pathlib import Path

import mlflow
import pytest
from PIL import Image
from tiny_store import EXPERIMENT, FAIL, PROVENANCE

from latent.tracking.models import register_model
from latent.tracking.previews import WIDTH, show_previews
from latent.tracking.training import training_run

pytestmark = pytest.mark.usefixtures("client")


def draw(path: Path) -> Path:
    Image.new("RGB", (1800, 900), "red").save(path)
    return path


def test_descriptions_show_the_previews_of_the_last_call(root: Path, networks: Path) -> None:
    figures = [draw(root / "3-07_by label.png"), root / "3-08_missing.png"]
    with training_run(root, EXPERIMENT, FAIL, "key", PROVENANCE, {}) as run:
        description = mlflow.get_run(run.run_id).data.tags["mlflow.note.content"]
        run.submit_files(register_model, run, networks)
        run.submit_files(show_previews, run, [draw(root / "3-01_older.png")])
        run.submit_files(show_previews, run, figures)

    client = mlflow.MlflowClient()
    text = client.get_run(run.run_id).data.tags["mlflow.note.content"]
    address = f"get-artifact?path=previews%2F3-07_by+label.png&run_uuid={run.run_id}"
    image = f"![3-07_by label]({address})"
    # The page of a run shows the first lines of its description.
    assert text == f"{image}\n\n{description}"
    for part, inputs in (("encoder", "`images`, uint8 (N, 8, 8, 1)"), ("decoder", "`z`, float32")):
        lines = client.get_registered_model(f"{EXPERIMENT}_{part}").description.split("\n\n")
        assert lines[0] == description.split("\n\n")[0]
        assert lines[1].startswith(f"Input: {inputs}")
        assert lines[2:] == [image]
    preview = client.download_artifacts(run.run_id, "previews/3-07_by label.png", str(root))
    with Image.open(preview) as image:
        assert image.size == (WIDTH, WIDTH // 2)


def test_paragraphs_and_images_of_the_user_are_kept(root: Path, networks: Path) -> None:
    figure = draw(root / "3-07.png")
    mine = ["![mine](https://images.example/previews/mine.png)", "My own words."]
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    name = f"{EXPERIMENT}_decoder"
    for key in ("first", "second"):
        with training_run(root, EXPERIMENT, FAIL, key, PROVENANCE, {}) as run:
            note = mlflow.get_run(run.run_id).data.tags["mlflow.note.content"]
            mlflow.MlflowClient().set_tag(
                run.run_id, "mlflow.note.content", "\n\n".join([mine[0], note])
            )
            run.submit_files(register_model, run, networks)
            run.submit_files(show_previews, run, [figure])
        assert run.files_failure == ""
        address = f"get-artifact?path=previews%2F3-07.png&run_uuid={run.run_id}"
        image = f"![3-07]({address})"
        text = client.get_run(run.run_id).data.tags["mlflow.note.content"]
        assert text == "\n\n".join([image, mine[0], note])
        first, inputs, *others = client.get_registered_model(name).description.split("\n\n")
        assert first == note.split("\n\n")[0]
        assert inputs.startswith("Input: `z`")
        if key == "first":
            assert others == [image]
            client.update_registered_model(name, "\n\n".join([first, mine[0], inputs, mine[1]]))
        else:
            assert others == [*mine, image]
