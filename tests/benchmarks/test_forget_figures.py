from pathlib import Path

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from benchmarks.clone import Project
from benchmarks.figures import LOGGED, forget_figures
from latent.tracking.model_run import CONTENTS


def test_figures_that_were_logged_are_logged_again(tmp_path: Path) -> None:
    assert LOGGED.removeprefix("latent.").removesuffix("_sha256") in CONTENTS
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    run = client.create_run(client.create_experiment("vae_faces")).info.run_id
    for tag in (LOGGED, "latent.embed_sha256"):
        client.set_tag(run, tag, "1")
    forget_figures(Project(tmp_path))
    tags = client.get_run(run).data.tags
    assert LOGGED not in tags
    assert "latent.embed_sha256" in tags
    # A turn in which they were not logged is none.
    with pytest.raises(MlflowException):
        forget_figures(Project(tmp_path))
