"""What later stages add to the run of the model that they work on."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import mlflow

from latent.io.files import read_json, sha256
from latent.io.paths import ModelPaths
from latent.params import Tracking
from latent.tracking.descriptions import KEY_FIGURES
from latent.tracking.previews import show_pictures
from latent.tracking.run import MODEL_TAG, Run, find_runs, model_digest

VECTORS = "attribute_vectors.csv"
Stage = Literal["embed", "attribute_vectors", "evaluate", "evaluate_edits", "figures", "report"]

log = logging.getLogger(__name__)


@contextmanager
def model_run(root: Path, paths: ModelPaths, settings: Tracking, stage: Stage) -> Iterator[None]:
    """Log what the block makes, as the outs of `stage`, to the run of the model in `outs`.

    The run is found by the content of the model, whether it was trained here or came from DVC's
    cache. One that the store lacks is rebuilt from the outs; and so is what the run lacks of the
    stages before, which DVC may have taken from its cache without their running.

    Raises:
        InputError: the store is out of reach, and that costs the stage its start.
    """
    run = Run(root, paths.name, settings)
    with run.started(lambda: None, lambda status: None):
        yield
        run.attempt(_catch_up, run, paths, stage)


def _catch_up(run: Run, paths: ModelPaths, last: Stage) -> None:
    known = find_runs(paths.name, MODEL_TAG, model_digest(paths.model))
    if known:
        run.run_id = known[0].info.run_id
    else:
        # Keras takes seconds to start, and hardly ever is a run missing.
        from latent.tracking.training import rebuild  # noqa: PLC0415

        log.warning("MLflow knows no run of %s: it is rebuilt from the outs", paths.model)
        rebuild(run, paths)
    tags = mlflow.MlflowClient().get_run(run.run_id).data.tags
    for stage in UPSTREAM[last]:
        find_files, add = CONTENTS[stage]
        files = [path for path in find_files(paths) if path.exists()]
        content = sha256(*files)
        # The tag says which content the run has: what is unchanged is not logged twice.
        tag = f"latent.{stage}_sha256"
        if files and tags.get(tag) != content:
            add(run, paths)
            run.log_tags({tag: content})


def _log_embed(run: Run, paths: ModelPaths) -> None:
    run.log_metrics(read_json(paths.embedding_metrics))


def _log_attribute_vectors(run: Run, paths: ModelPaths) -> None:
    run.log_metrics(read_json(paths.attribute_metrics))
    run.log_files(paths.attribute_vectors / VECTORS, "attributes")


def _log_evaluate(run: Run, paths: ModelPaths) -> None:
    run.log_metrics(read_json(paths.evaluation_metrics))
    run.log_files(paths.evaluation, "evaluation")


def _log_evaluate_edits(run: Run, paths: ModelPaths) -> None:
    run.log_metrics(read_json(paths.edit_metrics))
    for folder in (paths.edits, paths.edit_figures):
        run.log_files(folder, "evaluation")


def _log_figures(run: Run, paths: ModelPaths) -> None:
    run.log_files(paths.figures, "figures")
    show_pictures(run, [paths.figures / name for name in KEY_FIGURES.get(paths.name, ())])


def _log_report(run: Run, paths: ModelPaths) -> None:
    run.log_files(paths.report, "report")


# The files of each stage, and how they are logged.
CONTENTS: dict[
    Stage, tuple[Callable[[ModelPaths], list[Path]], Callable[[Run, ModelPaths], None]]
] = {
    "embed": (lambda paths: [paths.embedding_metrics], _log_embed),
    "attribute_vectors": (
        lambda paths: [paths.attribute_metrics, paths.attribute_vectors / VECTORS],
        _log_attribute_vectors,
    ),
    "evaluate": (
        lambda paths: [paths.evaluation_metrics, *sorted(paths.evaluation.glob("*"))],
        _log_evaluate,
    ),
    "evaluate_edits": (
        lambda paths: [
            paths.edit_metrics,
            *sorted(paths.edits.glob("*")),
            *sorted(paths.edit_figures.glob("*")),
        ],
        _log_evaluate_edits,
    ),
    "figures": (lambda paths: sorted(paths.figures.glob("*")), _log_figures),
    "report": (lambda paths: [paths.report], _log_report),
}

# Whose outs are of this very model when a stage runs: its own, and those that it depends on. Those
# of others may still be of the model before.
UPSTREAM: dict[Stage, tuple[Stage, ...]] = {
    "embed": ("embed",),
    "attribute_vectors": ("embed", "attribute_vectors"),
    "evaluate": ("embed", "evaluate"),
    "evaluate_edits": ("embed", "attribute_vectors", "evaluate_edits"),
    "figures": ("embed", "attribute_vectors", "figures"),
    "report": ("embed", "attribute_vectors", "evaluate", "evaluate_edits", "figures", "report"),
}
