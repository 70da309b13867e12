"""The MLflow run of a training: started, resumed after a kill, or recreated from its outs."""

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
from latent.tracking.system_tags import PROCESS_TAG, has_ended, origin_tags, this_process

TRAINING_TAG = "latent.training"
RESUMED_TAG = "latent.resumed"
RECREATED_TAG = "latent.rebuilt"
RECREATED_NOTE = (
    "This run was created from the files of a finished training, because the store had no run of "
    "the model. Its times are not those of the training."
)
NOTE_TAG = "mlflow.note.content"
DIGEST_LENGTH = 36  # MLflow limits the digest of a dataset to this number of characters


@contextmanager
def training_run(
    root: Path,
    experiment: str,
    settings: Tracking,
    key: str,
    provenance: Mapping[str, Any],
    params: Mapping[str, Any],
) -> Iterator[Run]:
    """Yield the run of a training. A training that was stopped continues its run.

    Args:
        root: the project's folder.
        experiment: the model's name, such as "vae_faces".
        settings: the section `tracking` of params.yaml.
        key: identifies the training (`latent.training.provenance.training_key`).
        provenance: what the model depends on (`latent.training.provenance.describe_provenance`).
        params: further parameters to log, with their keys in params.yaml.

    Raises:
        InputError: the store fails at the start, and `on_error` is "fail".
    """
    run = Run(root, experiment, settings)
    with run.started(partial(_start_or_resume, run, key, provenance, params), mlflow.end_run):
        yield run


def log_result(run: Run, paths: ModelPaths) -> None:
    """Log the outs of a finished training, except the epochs that `run` already has.

    The tag by which later stages find the run is set last.
    """
    with paths.history.open(encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    log_epochs(run, rows, list(np.load(paths.samples, allow_pickle=False)))
    metrics = read_json(paths.training_metrics)
    run.log_metrics({name: metrics[name] for name in metrics if name not in rows[-1]})
    if metrics.get("posterior_collapsed"):
        run.log_tags(
            {"warning": "the posterior has collapsed: z holds no information about its image"}
        )
    for path in (paths.history, paths.model / "summary.txt", paths.provenance):
        run.log_files(path, "model")
    register_model(run, paths.model)
    run.log_tags({MODEL_TAG: model_digest(paths.model)})


def recreate_run(run: Run, paths: ModelPaths) -> None:
    """Create the run of a finished training from its outs, for a store that does not have it.

    The run is marked by a tag and a note. It has no tags for the commit and the machine, which are
    unknown. A recreation that was stopped is continued.
    """
    digest = model_digest(paths.model)
    provenance = read_json(paths.provenance)
    unfinished = find_runs(run.experiment, RECREATED_TAG, digest)
    if unfinished:
        run.run_id = mlflow.start_run(run_id=unfinished[0].info.run_id).info.run_id
    else:
        _start(run, provenance)
        description = run_description(run.experiment, provenance["data"]["source"])
        run.log_tags({RECREATED_TAG: digest, NOTE_TAG: f"{description}\n\n{RECREATED_NOTE}"})
    client = mlflow.MlflowClient()
    # MLflow sets these tags to the current commit.
    for tag in client.get_run(run.run_id).data.tags:
        if tag.startswith("mlflow.source.git."):
            client.delete_tag(run.run_id, tag)
    run.log_tags({PROCESS_TAG: this_process()})
    _log_provenance(run, provenance, {})
    log_result(run, paths)
    mlflow.end_run()


def _start_or_resume(
    run: Run, key: str, provenance: Mapping[str, Any], params: Mapping[str, Any]
) -> None:
    _mark_killed(run.experiment)
    unfinished = [
        entity
        for entity in find_runs(run.experiment, TRAINING_TAG, key)
        if entity.info.status in ("KILLED", "FAILED")
    ]
    if unfinished:
        newest = unfinished[0]
        run.run_id = mlflow.start_run(run_id=newest.info.run_id).info.run_id
        times = int(newest.data.tags.get(RESUMED_TAG, 0)) + 1
        run.log_tags({RESUMED_TAG: times, **origin_tags()})
        return
    _start(run, provenance)
    run.log_tags({TRAINING_TAG: key, **origin_tags()})
    _log_provenance(run, provenance, params)


def _start(run: Run, provenance: Mapping[str, Any]) -> None:
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
    dataset = MetaDataset(  # type: ignore[abstract]  # its base class lacks the metaclass ABCMeta
        source, name=data["name"], digest=data["digest"][:DIGEST_LENGTH]
    )
    mlflow.log_input(dataset, context="training")
    packages = {f"package.{name}": version for name, version in provenance["packages"].items()}
    tags = {"data.source": data["source"], "data.digest": data["digest"]}
    run.log_tags({**tags, "device": provenance["device"], **packages})


def _mark_killed(experiment: str) -> None:
    """Set the status of runs whose process was killed, which MLflow still shows as running."""
    client = mlflow.MlflowClient()
    running = mlflow.search_runs(
        experiment_names=[experiment],
        filter_string="attributes.status = 'RUNNING'",
        output_format="list",
    )
    for entity in running:
        process = entity.data.tags.get(PROCESS_TAG)
        if process and has_ended(process):
            client.set_terminated(entity.info.run_id, "KILLED")
