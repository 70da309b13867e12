"""From a built model to a trained one on disk, with MLflow looking on."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from latent.data.dataset import SPLITS, read_record, read_split
from latent.files import whole_file, whole_folder, write_json
from latent.locks import alone
from latent.models.checkpoints import Checkpoints
from latent.models.metrics import final_metrics
from latent.models.progress import Progress
from latent.models.storage import save_model, summary
from latent.models.training import train
from latent.params import Tracking, TrainAE, TrainVAE
from latent.provenance import describe_provenance, training_key
from latent.space.sampling import sample_prior
from latent.tracking.epochs import log_epochs
from latent.tracking.outs import Outs
from latent.tracking.training import log_result, training_run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """What a training needs beside its model, and where its results go.

    Attributes:
        params: how the model is trained.
        dataset: folder of the processed data set.
        parameters: all that the training reads of params.yaml, by its keys.
        upstream: what else its run is to be compared by: the parameters of the stages before.
        root: the project's folder, with MLflow's store and the scratch of trainings that were
            killed. Copies of the tree share it, so that an experiment in one can go on too.
        tracking: how the training meets MLflow.
        checkpoint_epochs: epochs from one checkpoint to the next.
        outs: of the model: `encoder.keras`, `decoder.keras`, `summary.txt`, `provenance.json`, and
            `samples.npy`: the same points of N(0, I), decoded after each epoch, uint8
            (epochs, samples, H, W, C); the final metrics as JSON; the history as CSV, a row per
            epoch.
    """

    params: TrainAE
    dataset: Path
    parameters: Mapping[str, Any]
    upstream: Mapping[str, Any]
    root: Path
    tracking: Tracking
    checkpoint_epochs: int
    outs: Outs


def train_and_keep(model: keras.Model, training: Training) -> None:
    """Train `model`, write its files, each whole or not at all, and log all of it to MLflow.

    A training that was killed goes on from its last checkpoint, if nothing that its result depends
    on has changed, and ends with the same bytes.

    Args:
        model: an `Autoencoder` or a `VAE`, not compiled.
        training: how, on what, and where to.

    Raises:
        InputError: the data set cannot be read, a loss is no number, the same training is running
            already, or MLflow is out of reach at the start and the run does not tolerate it.
    """
    params, outs = training.params, training.outs
    provenance = describe_provenance(read_record(training.dataset), training.parameters)
    key = training_key(provenance)
    cache = training.root / ".cache"
    scratch = cache / "training" / f"{outs.name}-{key[:16]}"
    train_images, test_images = (read_split(training.dataset, split).images for split in SPLITS)
    with alone(cache / "locks", scratch.name):
        with training_run(
            training.root, outs.name, training.tracking, key, provenance, training.upstream
        ) as run:
            z = sample_prior(params.samples, params.latent_dim, params.seed)
            progress = Progress(z, lambda rows, images: run.attempt(log_epochs, run, rows, images))
            checkpoints = Checkpoints(scratch, training.checkpoint_epochs, progress)
            train(model, train_images, test_images, params, progress, checkpoints)
            _keep(model, progress, provenance, training)
            run.attempt(log_result, run, outs)
        shutil.rmtree(scratch)


def _keep(
    model: keras.Model, progress: Progress, provenance: Mapping[str, Any], training: Training
) -> None:
    outs, params = training.outs, training.params
    history = progress.history()
    weight = params.reconstruction_weight if isinstance(params, TrainVAE) else None
    metrics = final_metrics(history, model.encoder, model.decoder, params.loss, weight)
    if metrics.get("posterior_collapsed"):
        log.warning(
            "The posterior has collapsed: z tells nothing of its image (KL of %.2g nats); a larger "
            "reconstruction_weight makes it worth its price",
            metrics["test/kl_loss"],
        )
    with whole_folder(outs.model) as folder:
        save_model(model.encoder, folder / "encoder.keras")
        save_model(model.decoder, folder / "decoder.keras")
        tables = summary(model.encoder, model.decoder)
        (folder / "summary.txt").write_text(tables, encoding="utf-8")
        np.save(folder / outs.samples.name, np.stack(progress.samples))
        write_json(folder / outs.provenance.name, provenance)
    with whole_file(outs.history) as path:
        history.to_csv(path, index=False)
    write_json(outs.metrics, metrics)
