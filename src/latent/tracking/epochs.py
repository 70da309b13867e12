"""Logs the losses and sample images of each epoch of a training."""

import time
from collections.abc import Mapping, Sequence

import mlflow
import numpy as np
from mlflow.entities import Metric
from numpy.typing import NDArray

from latent.tracking.run import Run

SCALE = 3  # each pixel is logged as 3×3 pixels: MLflow shows images at their own size
LOSS = "train/loss"
SAMPLES = "samples"


def log_epochs(
    run: Run, rows: Sequence[Mapping[str, float]], samples: Sequence[NDArray[np.uint8]]
) -> None:
    """Log the epochs that `run` lacks. A resumed training may have logged some before.

    Args:
        run: a started run.
        rows: for each epoch its number, from 1, as `epoch`, and its losses.
        samples: for each epoch the images decoded from fixed latent points, uint8 (n, H, W, C).
            They are logged next to each other, as one image of a series.
    """
    client = mlflow.MlflowClient()
    logged = {point.step for point in client.get_metric_history(run.run_id, LOSS)}
    for row, images in zip(rows, samples, strict=True):
        step = int(row["epoch"])
        if step in logged:
            continue
        # The process may have been killed after it logged the image, but before the losses.
        if not _has_image(client, run, step):
            strip = np.concatenate(list(images), axis=1)
            strip = strip.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
            client.log_image(run.run_id, strip, key=SAMPLES, step=step)
        now = int(time.time() * 1000)
        losses = [Metric(name, value, now, step) for name, value in row.items() if name != "epoch"]
        client.log_batch(run.run_id, metrics=losses)


def _has_image(client: mlflow.MlflowClient, run: Run, step: int) -> bool:
    # MLflow names the images of a series images/samples%step%3%timestamp%….png.
    prefix = f"images/{SAMPLES}%step%{step}%"
    files = client.list_artifacts(run.run_id, "images")
    return any(file.path.startswith(prefix) for file in files)
