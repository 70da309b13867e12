"""Adds the results of later stages to the MLflow run of their model."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from latent.io.paths import ModelPaths
from latent.params import Tracking
from latent.tracking.contents import Stage, log_stages
from latent.tracking.run import MODEL_TAG, Run, find_runs, model_digest
from latent.tracking.training import recreate_run

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

log = logging.getLogger(__name__)


@contextmanager
def model_run(root: Path, paths: ModelPaths, settings: Tracking, stage: Stage) -> Iterator[None]:
    """Run the block, and log the outs of `stage` to the run of the model in `paths`.

    The run is found by the hash of the model's files, whether the model was trained here or comes
    from DVC's cache. A run that the store lacks is recreated from the outs. Outs of earlier stages
    that the run lacks are logged too: DVC may have restored them without running their stages, or
    the store may have failed.

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
        log.warning("MLflow has no run of %s. It is recreated from the outs", paths.model)
        recreate_run(run, paths)
    log_stages(run, paths, ("train", *UPSTREAM[last]))
