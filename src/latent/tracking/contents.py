"""What each stage logs to the run of its model."""

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import mlflow
import numpy as np

from latent.io.files import read_json, sha256
from latent.io.paths import ModelPaths
from latent.tracking.descriptions import KEY_FIGURES
from latent.tracking.epochs import Row, log_losses, log_samples
from latent.tracking.previews import show_previews
from latent.tracking.run import MODEL_TAG, Run, model_digest

Stage = Literal[
    "train", "embed", "attribute_vectors", "evaluate", "evaluate_edits", "figures", "report"
]

# This tag contains, as JSON, the hash of each stage's outs that were logged. Outs are logged again
# only if they have changed.
LOGGED_TAG = "latent.logged"
HASH_LENGTH = 12  # hexadecimal digits
# Text of the tag "warning" for metrics of a training that are 1.
WARNINGS = {
    "too_few_steps": "too few training steps: the moving averages of batch normalisation have not "
    "settled",
    "posterior_collapsed": "the posterior has collapsed: z holds no information about its image",
}


@dataclass(frozen=True)
class Content:
    """What a stage logs.

    Attributes:
        metrics: returns the JSON file of the stage's metrics. None if it has no metrics.
        files: returns files and folders, each with the artifact folder to log it to.
        log_metrics: logs the metrics in place of `Run.log_metrics`.
        log_more: logs more files.
    """

    metrics: Callable[[ModelPaths], Path] | None
    files: Callable[[ModelPaths], dict[Path, str]]
    log_metrics: Callable[[Run, ModelPaths], None] | None = None
    log_more: Callable[[Run, ModelPaths], None] | None = None

    def outs(self, paths: ModelPaths) -> list[Path]:
        """Return all files, or none if one of the stage's outs does not exist."""
        outs = [*([self.metrics(paths)] if self.metrics else []), *self.files(paths)]
        if not all(path.exists() for path in outs):
            return []
        return [file for out in outs for file in (sorted(out.glob("*")) if out.is_dir() else [out])]


def log_stages(run: Run, paths: ModelPaths, stages: Iterable[Stage]) -> None:
    """Log the outs of some stages that `run` lacks: metrics first, files after the run's end.

    Files are logged in the reverse order of the stages, because the largest ones, the models, are
    those of the first stage.

    Args:
        run: a started run.
        paths: the outs. Stages whose outs do not exist are skipped.
        stages: names of the stages.
    """
    logged = _read_logged(run)
    missing = []
    for stage in stages:
        content = CONTENTS[stage]
        outs = content.outs(paths)
        digest = sha256(*outs)[:HASH_LENGTH]
        if not outs or logged.get(stage) == digest:
            continue
        missing.append((stage, digest))
        if content.log_metrics:
            content.log_metrics(run, paths)
        elif content.metrics:
            run.log_metrics(read_json(content.metrics(paths)))
    for stage, digest in reversed(missing):
        run.submit_files(_log_files, run, paths, stage, digest)


def _log_files(run: Run, paths: ModelPaths, stage: Stage, digest: str) -> None:
    content = CONTENTS[stage]
    for path, folder in content.files(paths).items():
        run.log_files(path, folder)
    if content.log_more:
        content.log_more(run, paths)
    run.log_tags({LOGGED_TAG: json.dumps({**_read_logged(run), stage: digest})})


def _read_logged(run: Run) -> dict[str, str]:
    tags = mlflow.MlflowClient().get_run(run.run_id).data.tags
    logged: dict[str, str] = json.loads(tags.get(LOGGED_TAG, "{}"))
    return logged


def log_training_metrics(run: Run, paths: ModelPaths) -> None:
    """Log the losses and metrics of a training, then the tag by which later stages find the run."""
    rows = _read_history(paths)
    log_losses(run, rows)
    metrics = read_json(paths.training_metrics)
    run.log_metrics({name: metrics[name] for name in metrics if name not in rows[-1]})
    tags = {MODEL_TAG: model_digest(paths.model)}
    if warnings := [text for metric, text in WARNINGS.items() if metrics.get(metric)]:
        tags["warning"] = "; ".join(warnings)
    run.log_tags(tags)


def _log_samples_and_models(run: Run, paths: ModelPaths) -> None:
    # Imported here, because Keras takes seconds to import and models are rarely missing.
    from latent.tracking.models import register_model  # noqa: PLC0415

    log_samples(run, _read_history(paths), list(np.load(paths.samples, allow_pickle=False)))
    register_model(run, paths.model)


def _read_history(paths: ModelPaths) -> list[Row]:
    with paths.history.open(encoding="utf-8", newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def _log_mean_auc(run: Run, paths: ModelPaths) -> None:
    # The AUC of each attribute is in the logged table. Forty metrics would hide all others.
    metrics = read_json(paths.attribute_metrics)
    run.log_metrics({name: metrics[name] for name in metrics if not name.startswith("auc/")})


def _show_key_figures(run: Run, paths: ModelPaths) -> None:
    show_previews(run, [paths.figures / name for name in KEY_FIGURES.get(paths.name, ())])


CONTENTS: dict[Stage, Content] = {
    "train": Content(
        lambda paths: paths.training_metrics,
        lambda paths: dict.fromkeys(
            (paths.history, paths.model / "summary.txt", paths.provenance), "model"
        ),
        log_training_metrics,
        _log_samples_and_models,
    ),
    "embed": Content(lambda paths: paths.embedding_metrics, lambda paths: {}),
    "attribute_vectors": Content(
        lambda paths: paths.attribute_metrics,
        lambda paths: {paths.attribute_vectors: "attributes"},
        _log_mean_auc,
    ),
    "evaluate": Content(
        lambda paths: paths.evaluation_metrics, lambda paths: {paths.evaluation: "evaluation"}
    ),
    "evaluate_edits": Content(
        lambda paths: paths.edit_metrics,
        lambda paths: dict.fromkeys((paths.edits, paths.edit_figures), "evaluation"),
    ),
    "figures": Content(None, lambda paths: {paths.figures: "figures"}, log_more=_show_key_figures),
    "report": Content(None, lambda paths: {paths.report: "report"}),
}
