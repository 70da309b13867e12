from pathlib import Path

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from benchmarks.clone import Project
from benchmarks.figures import FIGURES_TAG, forget_figures
from latent.tracking.model_run import CONTENTS


def test_forget_figures_removes_only_the_tag_of_the_figures(tmp_path: Path) -> None:
    assert FIGURES_TAG.removeprefix("latent.").removesuffix("_sha256") in CONTENTS
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    run = client.create_run(client.create_experiment("vae_faces")).info.run_id
    for tag in (FIGURES_TAG, "latent.embed_sha256"):
        client.set_tag(run, tag, "1")
    forget_figures(Project(tmp_path))
    tags = client.get_run(run).data.tags
    assert FIGURES_TAG not in tags
    assert "latent.embed_sha256" in tags
    # A round in which no figures were logged is an error.
    with pytest.raises(MlflowException):
        forget_figures(Project(tmp_path))
