"""Each epoch of a training, logged as it ends."""

import time
from collections.abc import Mapping, Sequence

import mlflow
import numpy as np
from mlflow.entities import Metric
from numpy.typing import NDArray

from latent.tracking.run import Run

ENLARGED = 3  # pixels of MLflow's page for one of a sample's
LOSS = "train/loss"
SAMPLES = "samples"


def log_epochs(
    run: Run, rows: Sequence[Mapping[str, float]], samples: Sequence[NDArray[np.uint8]]
) -> None:
    """Log the epochs that `run` lacks: a killed training may have told of some already.

    Args:
        run: a started run.
        rows: for each epoch its number, from 1, as `epoch`, and its losses.
        samples: for each epoch its decoded points, uint8 (n, H, W, C); they become a series of
            images, side by side.
    """
    client = mlflow.MlflowClient()
    known = {point.step for point in client.get_metric_history(run.run_id, LOSS)}
    for row, images in zip(rows, samples, strict=True):
        step = int(row["epoch"])
        if step in known:
            continue
        # A kill may have come between the picture and the losses.
        if not _has_picture(client, run, step):
            strip = np.concatenate(list(images), axis=1)
            strip = strip.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
            client.log_image(run.run_id, strip, key=SAMPLES, step=step)
        now = int(time.time() * 1000)
        losses = [Metric(name, value, now, step) for name, value in row.items() if name != "epoch"]
        client.log_batch(run.run_id, metrics=losses)


def _has_picture(client: mlflow.MlflowClient, run: Run, step: int) -> bool:
    # MLflow's name of an image of a series: images/samples%step%3%timestamp%….png
    beginning = f"images/{SAMPLES}%step%{step}%"
    files = client.list_artifacts(run.run_id, "images")
    return any(file.path.startswith(beginning) for file in files)
