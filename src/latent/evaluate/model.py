"""Evaluation of one model: all metrics and tables of `latent.evaluate`."""

from dataclasses import dataclass, field
from pathlib import Path

import keras
import pandas as pd

from latent.classifier.accuracy import classifier_metrics
from latent.classifier.classifier import load_classifier
from latent.classifier.network import Kind
from latent.evaluate.denoising import denoising_metrics
from latent.evaluate.holes import MAX_DIMENSIONS, class_metrics, class_table, hole_metrics
from latent.evaluate.likelihood import (
    Posterior,
    bits_per_dimension,
    elbo_metrics,
    importance_metrics,
    reconstruction_metrics,
)
from latent.evaluate.posterior import dimension_table, posterior_metrics
from latent.evaluate.samples import compare_samples, sample_metrics
from latent.io.dataset import SPLITS, Split, has_labels, read_split
from latent.io.files import whole_folder, write_json
from latent.io.paths import ModelPaths
from latent.latent_space.kl import kl_per_dimension
from latent.latent_space.points import read_points, sample_posteriors, some_rows
from latent.models.storage import load_model
from latent.params import Evaluate, TrainAE, TrainDenoisingAE, TrainVAE

PREFIX = "evaluate/"


@dataclass
class Evaluation:
    """The results of an evaluation.

    Attributes:
        metrics: numbers by name; all names begin with "evaluate/".
        tables: tables that the metrics summarise, by name.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def add(self, metrics: dict[str, float], **tables: pd.DataFrame) -> None:
        """Add metrics, with the prefix "evaluate/", and tables."""
        self.metrics |= {f"{PREFIX}{name}": value for name, value in metrics.items()}
        self.tables |= tables

    def write(self, paths: ModelPaths) -> None:
        """Write the tables as CSV files and the metrics as JSON."""
        with whole_folder(paths.evaluation) as folder:
            for name, table in self.tables.items():
                table.to_csv(folder / f"{name}.csv", index=False)
        write_json(paths.evaluation_metrics, self.metrics)


def evaluate_model(paths: ModelPaths, section: TrainAE, params: Evaluate) -> Evaluation:
    """Evaluate a model on the test images.

    Args:
        paths: paths of the model, its embeddings, its dataset and the classifier. Without a
            classifier, samples are not compared with real images.
        section: parameters that the model was trained with.
        params: numbers of images, points and samples, and the seed.

    Raises:
        InputError: a file is missing or damaged, or does not match the others.
    """
    train, test = (read_split(paths.dataset.processed, split) for split in SPLITS)
    posterior = read_posterior(paths.embeddings, "test", test, section)
    decoder = load_model(paths.model / "decoder.keras")
    evaluation = Evaluation()
    _add_likelihood(evaluation, decoder, test, posterior, section, params)
    _add_latent_space(evaluation, test, posterior, params)
    if loaded := load_classifier(paths.dataset.classifier):
        classifier, outputs = loaded
        kind: Kind = "labels" if has_labels(test.table) else "attributes"
        evaluation.add(classifier_metrics(outputs, kind))
        train_posterior = read_posterior(paths.embeddings, "train", train, section)
        samples = compare_samples(
            decoder, classifier, (train.images, train_posterior), (test.images, posterior), params
        )
        evaluation.add(sample_metrics(samples), samples=samples)
        evaluation.add({"compared": float(samples["images"].max())} if len(samples) else {})
    if isinstance(section, TrainDenoisingAE) and section.noise_std:
        encoder = load_model(paths.model / "encoder.keras")
        noise_std = section.noise_std
        evaluation.add(denoising_metrics(encoder, decoder, test.images, noise_std, params.seed))
    return evaluation


def read_posterior(folder: Path, name: str, split: Split, section: TrainAE) -> Posterior:
    """Read the embeddings of a split.

    Args:
        folder: folder of the embeddings.
        name: "train" or "test".
        split: images that were embedded.
        section: parameters that the model was trained with. Only a VAE has variances.

    Raises:
        InputError: a file is missing or damaged, or does not match the images.
    """
    mean = read_points(folder / f"{name}_z_mean.npy", split)
    if not isinstance(section, TrainVAE):
        return Posterior(mean, None)
    return Posterior(mean, read_points(folder / f"{name}_z_log_var.npy", split))


def _add_likelihood(
    evaluation: Evaluation,
    decoder: keras.Model,
    split: Split,
    posterior: Posterior,
    section: TrainAE,
    params: Evaluate,
) -> None:
    images, loss, seed = split.images, section.loss, params.seed
    values = images[0].size
    nats = reconstruction_metrics(decoder, images, posterior, loss, seed)
    if posterior.log_var is not None and isinstance(section, TrainVAE):
        kl = float(kl_per_dimension(posterior.mean, posterior.log_var).sum())
        weight = section.reconstruction_weight
        nats |= elbo_metrics(nats["reconstruction_nats"], kl, loss, weight, values)
        rows = some_rows(len(images), params.importance_images, seed)
        subset = Posterior(posterior.mean[rows], posterior.log_var[rows])
        samples = params.importance_samples
        nats |= importance_metrics(decoder, images[rows], subset, loss, samples, seed)
    evaluation.add(nats)
    evaluation.add(
        {
            f"{name.removesuffix('nats')}bits": bits_per_dimension(value, values)
            for name, value in nats.items()
            if name.endswith("_nats")
        }
    )


def _add_latent_space(
    evaluation: Evaluation, split: Split, posterior: Posterior, params: Evaluate
) -> None:
    dimensions = dimension_table(*posterior)
    evaluation.add(posterior_metrics(dimensions), dimensions=dimensions)
    if posterior.mean.shape[1] > MAX_DIMENSIONS or len(posterior.mean) < 2:
        return
    rows = some_rows(len(posterior.mean), params.embedded, params.seed)
    points = posterior.mean[rows]
    if posterior.log_var is not None:
        points = sample_posteriors(points, posterior.log_var[rows], params.seed)
    evaluation.add(hole_metrics(points, params.drawn, params.seed))
    if has_labels(split.table):
        labels = split.table["label"].to_numpy()[rows]
        classes = class_table(points, labels, params.drawn, params.seed)
        evaluation.add(class_metrics(classes), classes=classes)
