"""Trains a model, saves it, and logs the training to MLflow."""

import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from latent.io.dataset import SPLITS, read_record, read_split
from latent.io.files import whole_file, whole_folder, write_json
from latent.io.paths import ModelPaths
from latent.locks import in_turn
from latent.models.batch_norm import few_steps_warning
from latent.models.networks import Shape
from latent.models.runtime import configure
from latent.models.storage import save_model, summary
from latent.params import Params, TrainAE, TrainVAE
from latent.tracking.epochs import log_epochs
from latent.tracking.training import log_result, training_run
from latent.training.checkpoints import Checkpoints
from latent.training.image_model import ImageModel
from latent.training.loop import train
from latent.training.metrics import final_metrics
from latent.training.progress import Progress
from latent.training.provenance import describe_provenance, training_key

Build = Callable[[Any, Shape], ImageModel]

log = logging.getLogger(__name__)


def train_and_save(build: Build, paths: ModelPaths, params: Params, root: Path) -> None:
    """Train a model, write its files atomically, and log the training to MLflow.

    A training that was killed continues from its last checkpoint and ends with the same bytes,
    unless something that its result depends on has changed. If another process runs the same
    training, in a copy of the project, this one waits and takes its result.

    Args:
        build: returns the model to train, an `Autoencoder` or a `VAE`. Its arguments are the
            model's section of the parameters and the shape of an image.
        paths: paths of the dataset and of the outs.
        params: all of params.yaml.
        root: the project's folder, which holds MLflow's store and the checkpoints. Copies of the
            project share it. So an experiment that was killed in a copy can also be continued.

    Raises:
        InputError: the dataset cannot be read, the loss is NaN or infinite, or MLflow cannot be
            reached and `tracking.on_error` is "fail".
    """
    kind, _, dataset = paths.name.partition("_")
    stage = f"train_{kind}"
    section: TrainAE = params[stage][dataset]
    configure(params.runtime.threads, section.seed)
    record = read_record(paths.dataset.processed)
    model = build(section, record["shape"])
    train_images, test_images = (
        read_split(paths.dataset.processed, split).images for split in SPLITS
    )
    provenance = describe_provenance(record, params.select("runtime", f"{stage}.{dataset}"))
    key = training_key(provenance)
    upstream = params.select(f"download.{dataset}", f"preprocess.{dataset}")
    cache = root / ".cache"
    checkpoint_folder = cache / "training" / f"{paths.name}-{key[:16]}"
    with in_turn(cache / "locks", f"training {checkpoint_folder.name}") as others_wait:
        with training_run(root, paths.name, params.tracking, key, provenance, upstream) as run:
            # Fixed points sampled from N(0, I), which are decoded after each epoch.
            generator = np.random.default_rng(section.seed)
            z = generator.standard_normal((section.samples, section.latent_dim), np.float32)
            progress = Progress(z, lambda rows, images: run.submit(log_epochs, run, rows, images))
            checkpoints = Checkpoints(checkpoint_folder, params.checkpoint.epochs, progress)
            train(model, train_images, test_images, section, progress, checkpoints)
            _save(model, section, progress, provenance, paths)
            run.submit(log_result, run, paths)
        # A process that waits restores the last epoch and writes the same outs without training.
        if not others_wait():
            shutil.rmtree(checkpoint_folder)


def _save(
    model: ImageModel,
    section: TrainAE,
    progress: Progress,
    provenance: Mapping[str, Any],
    paths: ModelPaths,
) -> None:
    history = progress.history()
    weight = section.reconstruction_weight if isinstance(section, TrainVAE) else None
    steps = int(model.optimizer.iterations)
    metrics = final_metrics(history, model.encoder, model.decoder, section.loss, weight, steps)
    if metrics.get("too_few_steps"):
        log.warning("%s", few_steps_warning(steps))
    if metrics.get("posterior_collapsed"):
        log.warning(
            "The posterior has collapsed: z holds no information about its image (KL divergence "
            "%.2g nats). Try a larger reconstruction_weight",
            metrics["test/kl_loss"],
        )
    with whole_folder(paths.model) as folder:
        save_model(model.encoder, folder / "encoder.keras")
        save_model(model.decoder, folder / "decoder.keras")
        tables = summary(model.encoder, model.decoder)
        (folder / "summary.txt").write_text(tables, encoding="utf-8")
        np.save(folder / paths.samples.name, np.stack(progress.samples))
        write_json(folder / paths.provenance.name, provenance)
    with whole_file(paths.history) as path:
        history.to_csv(path, index=False)
    write_json(paths.training_metrics, metrics)
