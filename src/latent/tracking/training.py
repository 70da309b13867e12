"""The MLflow run of a training: started, resumed after a kill, or recreated from its outs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import mlflow
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset

from latent.io.files import read_json
from latent.io.paths import ModelPaths
from latent.params import Tracking
from latent.tracking.contents import log_stages, log_training_metrics
from latent.tracking.descriptions import run_description, run_name
from latent.tracking.run import Run, find_runs, model_digest
from latent.tracking.system_tags import PROCESS_TAG, has_ended, origin_tags, this_process

TRAINING_TAG = "latent.training"
RESUMED_TAG = "latent.resumed"
RECREATED_TAG = "latent.rebuilt"
RECREATED_NOTE = (
    "This run was created from the files of a finished training, because the store had no run of "
    "the model. Its times are not those of the training."
)
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
    """Log the outs of a finished training, except the epochs that `run` already has."""
    log_stages(run, paths, ["train"])


def recreate_run(run: Run, paths: ModelPaths) -> None:
    """Create the run of a finished training from its outs, for a store that does not have it.

    The run has its metrics, but no files. It is marked by a tag and a note, and has no tags for the
    commit and the machine, which are unknown. A recreation that was stopped is continued.
    """
    digest = model_digest(paths.model)
    provenance = read_json(paths.provenance)
    unfinished = find_runs(run.experiment, RECREATED_TAG, digest)
    run_id = unfinished[0].info.run_id if unfinished else None
    with _start(run, provenance, {RECREATED_TAG: digest}, run_id, RECREATED_NOTE):
        client = mlflow.MlflowClient()
        # MLflow sets these tags to the current commit.
        for tag in client.get_run(run.run_id).data.tags:
            if tag.startswith("mlflow.source.git."):
                client.delete_tag(run.run_id, tag)
        _log_provenance(run, provenance, {})
        log_training_metrics(run, paths)


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
        times = int(newest.data.tags.get(RESUMED_TAG, 0)) + 1
        _start(run, provenance, {RESUMED_TAG: str(times)}, newest.info.run_id)
    else:
        _start(run, provenance, {TRAINING_TAG: key})
    run.log_tags(origin_tags())
    # They are missing if the process was killed while it started the run.
    if not unfinished or not unfinished[0].data.params:
        _log_provenance(run, provenance, params)


def _start(
    run: Run,
    provenance: Mapping[str, Any],
    tags: Mapping[str, str],
    run_id: str | None = None,
    note: str = "",
) -> mlflow.ActiveRun:
    """Start a run in MLflow, or continue the one with the given id.

    MLflow creates the run together with its tags. So a process that is killed at any time leaves
    a run that later processes recognize.

    Args:
        run: the run to set the id of.
        provenance: what the model depends on.
        tags: tags of the run, apart from that of this process.
        run_id: the run to continue. None for a new one.
        note: a paragraph to add to the description of a new run.
    """
    description = run_description(run.experiment, provenance["data"]["source"])
    started = mlflow.start_run(
        run_id=run_id,
        experiment_id=run.experiment_id,
        run_name=None if run_id else run_name(provenance),
        description=None if run_id else "\n\n".join(filter(None, [description, note])),
        tags={**tags, PROCESS_TAG: this_process()},
    )
    run.run_id = started.info.run_id
    return started


def _log_provenance(run: Run, provenance: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    data = provenance["data"]
    source = CodeDatasetSource({"source": data["source"]})
    dataset = MetaDataset(  # type: ignore[abstract]  # its base class lacks the metaclass ABCMeta
        source, name=data["name"], digest=data["digest"][:DIGEST_LENGTH]
    )
    mlflow.log_input(dataset, context="training")
    packages = {f"package.{name}": version for name, version in provenance["packages"].items()}
    tags = {"data.source": data["source"], "data.digest": data["digest"]}
    run.log_tags({**tags, "device": provenance["device"], **packages})
    # Locations of files may be private, and their addresses may contain a password. The parameters
    # are the last, because a run without them is incomplete.
    upstream = {key: value for key, value in params.items() if not key.endswith(".location")}
    mlflow.log_params({**upstream, **provenance["parameters"]})


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
