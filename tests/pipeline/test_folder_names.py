"""Tests of clones in folders whose names have a meaning in addresses."""

from pathlib import Path

import mlflow
import pytest
from sqlalchemy.engine import URL

from benchmarks.clone import TINY, clone


@pytest.mark.parametrize("name", ["my%20vae", "a?b", "ä #1"])
def test_a_training_in_a_folder_of_any_name_is_tracked(tmp_path: Path, name: str) -> None:
    project = clone(tmp_path / name)
    project.edit(TINY)
    done = project.run("dvc", "repro", "train_ae@fashion")
    assert done.returncode == 0, done.stderr
    assert "MLflow" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]

    database = URL.create("sqlite", database=str(project.folder / "mlflow.db"))
    client = mlflow.MlflowClient(database.render_as_string())
    experiment = client.get_experiment_by_name("ae_fashion")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert client.list_artifacts(run.info.run_id, "model")
    assert list((project.folder / "mlartifacts" / run.info.run_id).rglob("history.csv"))
    version = client.get_model_version_by_alias("ae_fashion_encoder", "newest")
    assert version.run_id == run.info.run_id
