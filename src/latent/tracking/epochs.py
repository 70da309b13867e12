"""Logs the losses and sample images of each epoch of a training."""

import re
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
# MLflow names the images of a series images/samples+step+3+timestamp+….png. Older versions have "%"
# in place of "+".
SERIES = re.compile(rf"images/{SAMPLES}\W+step\W+(\d+)\W.*\.png")

Row = Mapping[str, float]
Images = NDArray[np.uint8]


def log_epochs(run: Run, rows: Sequence[Row], samples: Sequence[Images]) -> None:
    """Log the epochs that `run` lacks. A resumed training may have logged some before.

    If the images cannot be logged, the losses still are.

    Args:
        run: a started run.
        rows: for each epoch its number, from 1, as `epoch`, and its losses.
        samples: for each epoch the images decoded from fixed latent points, uint8 (n, H, W, C).
            They are logged next to each other, as one image of a series.
    """
    log_losses(run, rows)
    run.try_files(log_samples, run, rows, samples)


def log_losses(run: Run, rows: Sequence[Row]) -> None:
    """Log the losses of the epochs that `run` lacks."""
    client = mlflow.MlflowClient()
    logged = {point.step for point in client.get_metric_history(run.run_id, LOSS)}
    now = int(time.time() * 1000)
    for row in rows:
        step = int(row["epoch"])
        if step not in logged:
            losses = [
                Metric(name, value, now, step) for name, value in row.items() if name != "epoch"
            ]
            client.log_batch(run.run_id, metrics=losses)


def log_samples(run: Run, rows: Sequence[Row], samples: Sequence[Images]) -> None:
    """Log the sample images of the epochs that `run` lacks."""
    client = mlflow.MlflowClient()
    names = [file.path for file in client.list_artifacts(run.run_id, "images")]
    logged = {int(match[1]) for match in map(SERIES.fullmatch, names) if match}
    for row, images in zip(rows, samples, strict=True):
        step = int(row["epoch"])
        if step not in logged:
            strip = np.concatenate(list(images), axis=1)
            strip = strip.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
            client.log_image(run.run_id, strip, key=SAMPLES, step=step)
