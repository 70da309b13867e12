"""Adds the results of later stages to the MLflow run of their model."""

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
from latent.tracking.previews import show_previews
from latent.tracking.run import MODEL_TAG, Run, find_runs, model_digest

VECTORS = "attribute_vectors.csv"
Stage = Literal["embed", "attribute_vectors", "evaluate", "evaluate_edits", "figures", "report"]

log = logging.getLogger(__name__)


@contextmanager
def model_run(root: Path, paths: ModelPaths, settings: Tracking, stage: Stage) -> Iterator[None]:
    """Run the block, and log the outs of `stage` to the run of the model in `paths`.

    The run is found by the hash of the model's files, whether the model was trained here or comes
    from DVC's cache. A run that the store lacks is recreated from the outs. Outs of earlier stages
    that the run lacks are logged too: DVC may have restored them without running their stages.

    Args:
        root: the project's folder.
        paths: the model, and the outs of its stages.
        settings: the section `tracking` of params.yaml.
        stage: the stage that writes its outs in the block.

    Raises:
        InputError: the store fails at the start, and `on_error` is "fail".
    """
    run = Run(root, paths.name, settings)
    with run.started(lambda: None, lambda status: None):
        yield
        run.submit(_log_missing_stages, run, paths, stage)


def _log_missing_stages(run: Run, paths: ModelPaths, last: Stage) -> None:
    runs = find_runs(paths.name, MODEL_TAG, model_digest(paths.model))
    if runs:
        run.run_id = runs[0].info.run_id
    else:
        # Imported here, because Keras takes seconds to import and a run is rarely missing.
        from latent.tracking.training import recreate_run  # noqa: PLC0415

        log.warning("MLflow has no run of %s. It is recreated from the outs", paths.model)
        recreate_run(run, paths)
    tags = mlflow.MlflowClient().get_run(run.run_id).data.tags
    for stage in UPSTREAM[last]:
        find_files, log_outs = CONTENTS[stage]
        files = [path for path in find_files(paths) if path.exists()]
        digest = sha256(*files)
        # The tag holds the hash of the files that were logged. Unchanged files are skipped.
        tag = f"latent.{stage}_sha256"
        if files and tags.get(tag) != digest:
            log_outs(run, paths)
            run.log_tags({tag: digest})


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
    show_previews(run, [paths.figures / name for name in KEY_FIGURES.get(paths.name, ())])


def _log_report(run: Run, paths: ModelPaths) -> None:
    run.log_files(paths.report, "report")


# For each stage: a function that returns the files to log, and one that logs them.
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

# For each stage: the stages whose outs belong to the current model when it ends. These are itself
# and the stages that it depends on. Outs of other stages may still belong to an earlier model.
UPSTREAM: dict[Stage, tuple[Stage, ...]] = {
    "embed": ("embed",),
    "attribute_vectors": ("embed", "attribute_vectors"),
    "evaluate": ("embed", "evaluate"),
    "evaluate_edits": ("embed", "attribute_vectors", "evaluate_edits"),
    "figures": ("embed", "attribute_vectors", "figures"),
    "report": ("embed", "attribute_vectors", "evaluate", "evaluate_edits", "figures", "report"),
}
