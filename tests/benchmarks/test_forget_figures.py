import json
from pathlib import Path

import mlflow
import pytest

from benchmarks.clone import Project
from benchmarks.figures import forget_figures
from latent.tracking.contents import CONTENTS, LOGGED_TAG


def test_forget_figures_removes_only_the_figures(tmp_path: Path) -> None:
    assert {"embed", "figures"} < set(CONTENTS)
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    run = client.create_run(client.create_experiment("vae_faces")).info.run_id
    client.set_tag(run, LOGGED_TAG, json.dumps({"embed": "1", "figures": "2"}))
    forget_figures(Project(tmp_path))
    assert json.loads(client.get_run(run).data.tags[LOGGED_TAG]) == {"embed": "1"}
    # A round in which no figures were logged is an error.
    with pytest.raises(KeyError):
        forget_figures(Project(tmp_path))
