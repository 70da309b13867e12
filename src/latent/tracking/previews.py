"""Preview images in the descriptions of a run and of its registered models."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import mlflow
from PIL import Image

from latent.tracking.descriptions import GENERATED
from latent.tracking.run import Run

WIDTH = 640  # pixels: MLflow shows images at their own size
# Other images in a description are the user's.
PREVIEW = re.compile(r"!\[[^\n]*\]\(get-artifact\?path=previews%2F[^\s()]*\)")
PARTS = ("encoder", "decoder")
NOTE_TAG = "mlflow.note.content"  # the run's description


def show_previews(run: Run, figures: Sequence[Path]) -> None:
    """Show small versions of `figures` in the descriptions, in place of earlier ones.

    The previews are artifacts of the run, in `previews/`. The run's description begins with them,
    because its page shows only the first lines. Those of the registered models end with them.
    Figures that do not exist are skipped.

    Args:
        run: a started run.
        figures: PNG files.
    """
    client = mlflow.MlflowClient()
    images = []
    for path in filter(Path.exists, figures):
        with Image.open(path) as image:
            image.thumbnail((WIDTH, image.height))
            client.log_image(run.run_id, image, artifact_file=f"previews/{path.name}")
        query = urlencode({"path": f"previews/{path.name}", "run_uuid": run.run_id})
        images.append(f"![{path.stem}](get-artifact?{query})")
    _, text = _split(_read_note(run))
    client.set_tag(run.run_id, NOTE_TAG, "\n\n".join([*images, *text]))
    for part in PARTS:
        name = f"{run.experiment}_{part}"
        for model in client.search_registered_models(f"name = '{name}'"):
            _, text = _split(model.description or "")
            client.update_registered_model(name, "\n\n".join([*text, *images]))


def describe_model(run: Run, name: str, text: str) -> None:
    """Set the description of a registered model: the run's first sentence, `text`, and previews.

    Paragraphs that the user added to the description are kept, between `text` and the previews.

    Args:
        run: the run of the newest version.
        name: the name of the model.
        text: what the model's inputs and outputs are.
    """
    images, note = _split(_read_note(run))
    client = mlflow.MlflowClient()
    _, old = _split(client.get_registered_model(name).description or "")
    first = [paragraph for paragraph in note if GENERATED.match(paragraph)][:1]
    added = [paragraph for paragraph in old if not GENERATED.match(paragraph)]
    client.update_registered_model(name, "\n\n".join([*first, text, *added, *images]))


def _read_note(run: Run) -> str:
    return str(mlflow.MlflowClient().get_run(run.run_id).data.tags.get(NOTE_TAG, ""))


def _split(description: str) -> tuple[list[str], list[str]]:
    """Return the previews and the other paragraphs of a description."""
    paragraphs = [paragraph for paragraph in description.split("\n\n") if paragraph]
    images = [paragraph for paragraph in paragraphs if PREVIEW.fullmatch(paragraph)]
    return images, [paragraph for paragraph in paragraphs if paragraph not in images]
