"""Preview images in the descriptions of a run and of its registered models."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import mlflow
from PIL import Image

from latent.tracking.run import Run

WIDTH = 640  # pixels: MLflow shows images at their own size
PARTS = ("encoder", "decoder")


def show_previews(run: Run, figures: Sequence[Path]) -> None:
    """Show small versions of `figures` below the descriptions, in place of earlier ones.

    The previews are artifacts of the run, in `previews/`. The descriptions of the run and of its
    registered models link to them. Figures that do not exist are skipped.

    Args:
        run: a started run whose models are registered.
        figures: PNG files.
    """
    client = mlflow.MlflowClient()
    links = []
    for path in filter(Path.exists, figures):
        with Image.open(path) as image:
            image.thumbnail((WIDTH, image.height))
            client.log_image(run.run_id, image, artifact_file=f"previews/{path.name}")
        query = urlencode({"path": f"previews/{path.name}", "run_uuid": run.run_id})
        links.append(f"![{path.stem}](get-artifact?{query})")
    text = client.get_run(run.run_id).data.tags.get("mlflow.note.content", "")
    description = "\n\n".join([text.split("\n\n![")[0], *links])
    client.set_tag(run.run_id, "mlflow.note.content", description)
    for part in PARTS:
        client.update_registered_model(f"{run.experiment}_{part}", description)
