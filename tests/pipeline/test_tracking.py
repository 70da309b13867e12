"""Tests of MLflow's runs: lost stores, outs from DVC's cache, and experiments in copies."""

import json
import shutil
from pathlib import Path

import mlflow
import pytest
from conftest import Reproduced
from mlflow.entities import Run as Entity

from benchmarks.clone import Project
from latent.tracking.contents import LOGGED_TAG

MODELS = ("ae_fashion", "vae_fashion", "vae_faces")


def client_of(project: Project) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")


def runs_of(project: Project, experiment: str) -> list[Entity]:
    known = client_of(project).get_experiment_by_name(experiment)
    assert known is not None
    found: list[Entity] = client_of(project).search_runs([known.experiment_id])
    return found


def artifacts_of(project: Project, run: Entity) -> set[str]:
    folder = Path(run.info.artifact_uri.removeprefix("file://"))
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def figures_of(run: Entity) -> str:
    """Return the hash of the figures that were logged to a run."""
    logged: dict[str, str] = json.loads(run.data.tags[LOGGED_TAG])
    return logged["figures"]


def test_runs_of_a_lost_store_are_recreated_from_the_outs(
    reproduced: Reproduced, copied: Project
) -> None:
    before = {name: runs_of(reproduced, name)[0] for name in MODELS}
    artifacts = {name: artifacts_of(reproduced, run) for name, run in before.items()}
    (copied.folder / "mlflow.db").unlink()
    shutil.rmtree(copied.folder / "mlartifacts")
    lock = (copied.folder / "dvc.lock").read_bytes()

    done = copied.run("dvc", "repro", "--single-item", "--force", "report")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("WARNING: MLflow has no run of models/") == 3
    # TensorFlow, for example, would warn of repeated tracing.
    assert done.stderr.count("WARNING") == 3
    assert (copied.folder / "dvc.lock").read_bytes() == lock

    for name in MODELS:
        (run,) = runs_of(copied, name)
        assert run.info.status == "FINISHED"
        assert run.data.metrics == before[name].data.metrics
        assert run.info.run_name == before[name].info.run_name
        keys = {key for key in before[name].data.params if not key.startswith(("down", "prep"))}
        assert {key: run.data.params[key] for key in keys} == {
            key: before[name].data.params[key] for key in keys
        }
        steps = client_of(copied).get_metric_history(run.info.run_id, "test/loss")
        assert [point.step for point in steps] == [1, 2]
        assert run.inputs.dataset_inputs[0].dataset.name == name.split("_")[1]
        # MLflow puts a timestamp into the names of the files in images/.
        expected = {file for file in artifacts[name] if not file.startswith("images/")}
        assert expected <= artifacts_of(copied, run)
        assert "latent.rebuilt" in run.data.tags
        assert "mlflow.source.git.commit" not in run.data.tags
        version = client_of(copied).get_model_version_by_alias(f"{name}_encoder", "newest")
        assert version.run_id == run.info.run_id


def test_outs_from_dvcs_cache_are_logged_by_the_next_stage(copied: Project) -> None:
    # A training that is repeated creates a new run, which lacks the results of later stages.
    trained = copied.run("dvc", "repro", "--single-item", "--force", "train_ae@fashion")
    assert trained.returncode == 0, trained.stderr
    assert len(runs_of(copied, "ae_fashion")) == 2
    assert "Running stage" not in copied.run("dvc", "repro").stdout
    copied.edit({"figures.ae_fashion.grid": 5})
    done = copied.run("dvc", "repro", "figures@ae_fashion")
    assert done.returncode == 0, done.stderr
    newest = runs_of(copied, "ae_fashion")[0]
    assert "embedding.std" in newest.data.metrics


@pytest.mark.parametrize("how", ["--temp", "--queue"])
def test_an_experiment_in_a_copy_of_the_project_logs_to_the_run_of_its_model(
    copied: Project, how: str
) -> None:
    identity = ("-c", "user.name=Clone", "-c", "user.email=clone@localhost")
    for command in (("add", "-A"), (*identity, "commit", "-qm", "Results")):
        assert copied.run("git", *command).returncode == 0
    known = [run.info.run_id for run in runs_of(copied, "ae_fashion")]
    figures = figures_of(runs_of(copied, "ae_fashion")[0])
    change = ("-S", "figures.ae_fashion.grid=5", "figures@ae_fashion")
    done = copied.run("dvc", "exp", "run", how, *change)
    assert done.returncode == 0, done.stderr
    if how == "--queue":
        done = copied.run("dvc", "exp", "run", "--run-all")
        assert done.returncode == 0, done.stderr
    (run,) = runs_of(copied, "ae_fashion")
    assert [run.info.run_id] == known
    assert figures_of(run) != figures
    assert not list(copied.folder.rglob(".dvc/tmp/exps/**/mlflow.db"))
