"""Pictures in the descriptions of a run and of its registered models."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import mlflow
from PIL import Image

from latent.tracking.run import Run

WIDTH = 640  # pixels: MLflow's page shows a picture at its own size
PARTS = ("encoder", "decoder")


def show_pictures(run: Run, pictures: Sequence[Path]) -> None:
    """Put small versions of `pictures`, those that exist, below the descriptions.

    They are artifacts of the run, under `previews/`; the descriptions of the run and of its
    registered models link to them. What an earlier call put there gives way.

    Args:
        run: started, of a model that is registered.
        pictures: PNG files.
    """
    client = mlflow.MlflowClient()
    lines = []
    for path in filter(Path.exists, pictures):
        with Image.open(path) as picture:
            picture.thumbnail((WIDTH, picture.height))
            client.log_image(run.run_id, picture, artifact_file=f"previews/{path.name}")
        query = urlencode({"path": f"previews/{path.name}", "run_uuid": run.run_id})
        lines.append(f"![{path.stem}](get-artifact?{query})")
    text = client.get_run(run.run_id).data.tags.get("mlflow.note.content", "")
    description = "\n\n".join([text.split("\n\n![")[0], *lines])
    client.set_tag(run.run_id, "mlflow.note.content", description)
    for part in PARTS:
        client.update_registered_model(f"{run.experiment}_{part}", description)
