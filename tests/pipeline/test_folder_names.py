"""Tests of clones in folders whose names have a meaning in addresses, and in subfolders."""

import re
import shutil
from pathlib import Path

import mlflow
from sqlalchemy.engine import URL

from benchmarks.clone import ROOT, TINY, Project, clone

# `tests/tracking/test_store.py` tests each of these characters alone, without a training.
NAME = "my%20vae ä?b #1"


def test_a_training_in_a_folder_of_any_name_is_tracked(tmp_path: Path) -> None:
    project = clone(tmp_path / NAME)
    project.edit(TINY)
    # The environment, too, is in this folder.
    site_packages = project.folder / "site-packages"
    site_packages.mkdir()
    (site_packages / "mlflow").symlink_to(Path(mlflow.__file__).parent)
    done = project.run("dvc", "repro", "train_ae@fashion", PYTHONPATH=str(site_packages))
    assert done.returncode == 0, done.stderr
    assert "MLflow" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [NAME]

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


def run_in_copy(project: Project, **environment: str) -> str:
    """Run an experiment in a copy of the project and return the names of all experiments."""
    command = ("dvc", "exp", "run", "--temp", "--name", "copied", "download@fashion")
    done = project.run(*command, **environment)
    assert done.returncode == 0, done.stderr
    return project.run("dvc", "exp", "list", "--name-only", **environment).stdout


def test_documented_settings_allow_experiments_in_a_folder_of_any_name(tmp_path: Path) -> None:
    project = clone(tmp_path / "ä %41 #1?")
    project.edit(TINY)
    text = (ROOT / "docs/experiments.md").read_text(encoding="utf-8")
    (commands,) = re.findall(r"```bash\n(git config --global .*?)```", text, re.DOTALL)
    home = tmp_path / "home"
    home.mkdir()
    commands = commands.replace("/path/to/a/cache", str(tmp_path / "cache"))
    assert str(tmp_path / "cache") in commands
    done = project.run("sh", "-ec", commands, HOME=str(home))
    assert done.returncode == 0, done.stderr
    assert run_in_copy(project, HOME=str(home)) == "copied\n"


def test_a_project_may_be_a_subfolder_of_a_repository(tmp_path: Path) -> None:
    project = clone(tmp_path / "repository")
    subfolder = Project(tmp_path / "repository/sub folder")
    subfolder.folder.mkdir()
    for path in project.folder.iterdir():
        if path.name not in (".git", subfolder.folder.name):
            shutil.move(path, subfolder.folder)
    subfolder.edit(TINY)
    for command in ("add --all", "commit --quiet --message Move"):
        assert project.run("git", *command.split()).returncode == 0
    done = subfolder.run("dvc", "exp", "run", "--name", "here", "preprocess@fashion")
    assert done.returncode == 0, done.stderr
    assert run_in_copy(subfolder) == "copied\nhere\n"
    status = subfolder.run("dvc", "status", "preprocess@fashion")
    assert status.stdout == "Data and pipelines are up to date.\n"
    # The outs of the stages are not committed to git.
    changed = subfolder.run("git", "status", "--short", "--untracked-files=all").stdout
    assert changed == "?? dvc.lock\n"
