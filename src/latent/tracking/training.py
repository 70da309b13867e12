"""The run of a training: begun, continued where the training was killed, or told from its paths."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset

from latent.io.files import read_json
from latent.io.paths import ModelPaths
from latent.params import Tracking
from latent.tracking.descriptions import run_description, run_name
from latent.tracking.epochs import log_epochs
from latent.tracking.models import register_model
from latent.tracking.run import MODEL_TAG, Run, find_runs, model_digest
from latent.tracking.system_tags import PROCESS_TAG, is_gone, origin_tags, this_process

TRAINING_TAG = "latent.training"
RESUMED_TAG = "latent.resumed"
REBUILT_TAG = "latent.rebuilt"
REBUILT_NOTE = "Told again from the outs of the training: times are those of the telling."
NOTE_TAG = "mlflow.note.content"
DIGEST_LENGTH = 36  # characters that MLflow keeps of a data set's digest


@contextmanager
def training_run(
    root: Path,
    experiment: str,
    settings: Tracking,
    key: str,
    provenance: Mapping[str, Any],
    params: Mapping[str, Any],
) -> Iterator[Run]:
    """Yield the run of a training that begins, or goes on after it was killed.

    Args:
        root: the project's folder.
        experiment: the model and its data set.
        settings: how the stage meets MLflow.
        key: the same for the same training (`latent.training.provenance.training_key`).
        provenance: what makes the model.
        params: what else the run is to be compared by, under the keys of params.yaml.

    Raises:
        InputError: the store is out of reach, and that costs the stage its start.
    """
    run = Run(root, experiment, settings)
    with run.started(partial(_begin, run, key, provenance, params), mlflow.end_run):
        yield run


def log_result(run: Run, paths: ModelPaths) -> None:
    """Log a finished training from its outs, but for what `run` knows of its epochs already.

    The tag by which later stages find the run comes last.
    """
    with paths.history.open(encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    log_epochs(run, rows, list(np.load(paths.samples, allow_pickle=False)))
    metrics = read_json(paths.training_metrics)
    run.log_metrics({name: metrics[name] for name in metrics if name not in rows[-1]})
    if metrics.get("posterior_collapsed"):
        run.log_tags({"warning": "the posterior has collapsed: z tells nothing of its image"})
    for path in (paths.history, paths.model / "summary.txt", paths.provenance):
        run.log_files(path, "model")
    register_model(run, paths.model)
    run.log_tags({MODEL_TAG: model_digest(paths.model)})


def rebuild(run: Run, paths: ModelPaths) -> None:
    """Tell a run that the store never had, or lost, from the outs of its training.

    Of the commit, the machine and the time here and now, the training knows nothing: the run is
    marked, and has none of the first two. A rebuilding that was killed is gone on with.
    """
    digest = model_digest(paths.model)
    provenance = read_json(paths.provenance)
    begun = find_runs(run.experiment, REBUILT_TAG, digest)
    if begun:
        run.run_id = mlflow.start_run(run_id=begun[0].info.run_id).info.run_id
    else:
        _create(run, provenance)
        description = run_description(run.experiment, provenance["data"]["source"])
        run.log_tags({REBUILT_TAG: digest, NOTE_TAG: f"{description}\n\n{REBUILT_NOTE}"})
    client = mlflow.MlflowClient()
    for tag in client.get_run(run.run_id).data.tags:
        if tag.startswith("mlflow.source.git."):
            client.delete_tag(run.run_id, tag)
    run.log_tags({PROCESS_TAG: this_process()})
    _log_provenance(run, provenance, {})
    log_result(run, paths)
    mlflow.end_run()


def _begin(run: Run, key: str, provenance: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    _mark_killed(run.experiment)
    unfinished = [
        known
        for known in find_runs(run.experiment, TRAINING_TAG, key)
        if known.info.status in ("KILLED", "FAILED")
    ]
    if unfinished:
        known = unfinished[0]
        run.run_id = mlflow.start_run(run_id=known.info.run_id).info.run_id
        times = int(known.data.tags.get(RESUMED_TAG, 0)) + 1
        run.log_tags({RESUMED_TAG: times, **origin_tags()})
        return
    _create(run, provenance)
    run.log_tags({TRAINING_TAG: key, **origin_tags()})
    _log_provenance(run, provenance, params)


def _create(run: Run, provenance: Mapping[str, Any]) -> None:
    source = provenance["data"]["source"]
    started = mlflow.start_run(
        experiment_id=run.experiment_id,
        run_name=run_name(provenance),
        description=run_description(run.experiment, source),
    )
    run.run_id = started.info.run_id


def _log_provenance(run: Run, provenance: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    mlflow.log_params({**params, **provenance["parameters"]})
    data = provenance["data"]
    source = CodeDatasetSource({"source": data["source"]})
    dataset = MetaDataset(  # type: ignore[abstract]  # its base names no metaclass
        source, name=data["name"], digest=data["digest"][:DIGEST_LENGTH]
    )
    mlflow.log_input(dataset, context="training")
    packages = {f"package.{name}": version for name, version in provenance["packages"].items()}
    tags = {"data.source": data["source"], "data.digest": data["digest"]}
    run.log_tags({**tags, "device": provenance["device"], **packages})


def _mark_killed(experiment: str) -> None:
    """Mark the runs whose process died without a word: MLflow would show them as running."""
    client = mlflow.MlflowClient()
    running = mlflow.search_runs(
        experiment_names=[experiment],
        filter_string="attributes.status = 'RUNNING'",
        output_format="list",
    )
    for entity in running:
        process = entity.data.tags.get(PROCESS_TAG)
        if process and is_gone(process):
            client.set_terminated(entity.info.run_id, "KILLED")
