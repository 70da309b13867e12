"""From a built model to a trained one on disk, with MLflow looking on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from latent.data.dataset import SPLITS, read_record, read_split
from latent.files import whole_file, whole_folder, write_json
from latent.models.metrics import final_metrics
from latent.models.samples import KeepSamples
from latent.models.storage import save_model, summary
from latent.models.training import train
from latent.params import TrainAE, TrainVAE
from latent.space.sampling import sample_prior
from latent.tracking.epochs import LogEpochs
from latent.tracking.models import register_model
from latent.tracking.run import Run


@dataclass(frozen=True)
class Training:
    """What a training needs beside its model, and where its results go.

    Attributes:
        params: how the model is trained.
        dataset: folder of the processed data set.
        run: the MLflow run, not yet started.
        logged: the parameters that the result depends on, by their keys, for MLflow.
        model: folder of `encoder.keras`, `decoder.keras`, `summary.txt`, and `samples.npy`: the
            same points of N(0, I), decoded after each epoch, uint8 (epochs, samples, H, W, C).
        metrics: JSON file of `final_metrics`.
        history: CSV file, a row per epoch.
    """

    params: TrainAE
    dataset: Path
    run: Run
    logged: Mapping[str, Any]
    model: Path
    metrics: Path
    history: Path


def train_and_keep(model: keras.Model, training: Training) -> None:
    """Train `model`, write its files, each whole or not at all, and log all of it to MLflow.

    Args:
        model: an `Autoencoder` or a `VAE`, not compiled.
        training: how, on what, and where to.

    Raises:
        InputError: the data set cannot be read, or MLflow fails and the run does not tolerate it.
    """
    params, run = training.params, training.run
    record = read_record(training.dataset)
    train_images, test_images = (read_split(training.dataset, split).images for split in SPLITS)
    samples = KeepSamples(sample_prior(params.samples, params.latent_dim, params.seed))
    with run:
        run.log_params(training.logged)
        run.log_dataset(record)
        history = train(
            model, train_images, test_images, params, [samples, LogEpochs(run, samples)]
        )
        weight = params.reconstruction_weight if isinstance(params, TrainVAE) else None
        metrics = final_metrics(history, model.encoder, model.decoder, params.loss, weight)
        with whole_folder(training.model) as folder:
            save_model(model.encoder, folder / "encoder.keras")
            save_model(model.decoder, folder / "decoder.keras")
            tables = summary(model.encoder, model.decoder)
            (folder / "summary.txt").write_text(tables, encoding="utf-8")
            np.save(folder / "samples.npy", np.stack(samples.epochs))
        with whole_file(training.history) as path:
            history.to_csv(path, index=False)
        write_json(training.metrics, metrics)
        run.log_metrics({name: metrics[name] for name in metrics if name not in history})
        run.log_files(training.model / "summary.txt", "model")
        run.log_files(training.history, "model")
        register_model(run, training.model)
