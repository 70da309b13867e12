"""Clones of the project, to run the pipeline in an empty workspace."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
# Prefixes of environment variables that configure libraries. The user or an imported library may
# have set them. They could affect only one side of a comparison, and the variables of MLflow could
# register temporary models in the user's store.
SETTINGS = ("DVC_", "KAGGLE_", "KERAS_", "MLFLOW_", "OMP_", "TF_", "TORCH")

# Runs all stages on both datasets in about a minute.
TINY = {
    "download.fashion.sample.train_images": 120,
    "download.fashion.sample.test_images": 40,
    "download.faces.sample.images": 100,
    "train_ae.fashion.filters": [4, 8],
    "train_ae.fashion.epochs": 2,
    "train_vae.fashion.filters": [4, 8],
    "train_vae.fashion.epochs": 2,
    "train_vae.faces.filters": [4, 8],
    "train_vae.faces.latent_dim": 6,
    "train_vae.faces.batch_size": 32,
    "train_vae.faces.epochs": 2,
    "train_classifier.fashion.filters": [4, 8],
    "train_classifier.fashion.epochs": 2,
    "train_classifier.faces.filters": [4, 8],
    "train_classifier.faces.epochs": 2,
    "evaluate.importance_images": 4,
    "evaluate.importance_samples": 3,
    "evaluate.drawn": 100,
    "evaluate.neighbours": 3,
    "evaluate_edits.images": 2,
    "figures.ae_fashion.grid": 4,
    "figures.vae_fashion.grid": 4,
    "figures.vae_faces.histograms": 6,
    "figures.vae_faces.attributes": ["Smiling", "Male"],
    "figures.vae_faces.edited": 2,
}


def clean_environment(**changes: str) -> dict[str, str]:
    """Return the environment of this process without `SETTINGS`, updated by `changes`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return {**kept, **changes}


@dataclass
class Project:
    """A clone of the project.

    Attributes:
        folder: Root folder of the clone.
    """

    folder: Path

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command of the virtual environment in the clone, in a new process group.

        Args:
            command: The command and its arguments.
            environment: Environment variables to set. Those in `SETTINGS` are not inherited.
        """
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        settings = {"PATH": path, "DVC_NO_ANALYTICS": "true", **environment}
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=clean_environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command as `start` does and wait for it. The exit code is not checked."""
        process = self.start(*command, **environment)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def params(self) -> dict[str, Any]:
        """Return the content of params.yaml."""
        text = (self.folder / "params.yaml").read_text(encoding="utf-8")
        params: dict[str, Any] = yaml.safe_load(text)
        return params

    def edit(self, changes: dict[str, Any]) -> None:
        """Change parameters in params.yaml, named by dotted keys."""
        params = self.params()
        for key, value in changes.items():
            *sections, name = key.split(".")
            reduce(getitem, sections, params)[name] = value
        text = yaml.safe_dump(params, sort_keys=False)
        (self.folder / "params.yaml").write_text(text, encoding="utf-8")

    def commands(self) -> dict[str, list[str]]:
        """Return the command of each stage, in the order of execution."""
        output = self.run("dvc", "repro", "--dry", "--force").stdout
        commands = re.findall(r"^Running stage '(.+)':\n> (.+)$", output, re.MULTILINE)
        return {stage: command.split() for stage, command in commands}

    def files(self) -> set[str]:
        """Return the relative paths of all files except those in .git and .dvc."""
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and path.relative_to(self.folder).parts[0] not in (".git", ".dvc")
        }

    def lock(self) -> dict[str, Any]:
        """Return the section `stages` of dvc.lock."""
        text = (self.folder / "dvc.lock").read_text(encoding="utf-8")
        stages: dict[str, Any] = yaml.safe_load(text)["stages"]
        return stages


def clone(folder: Path) -> Project:
    """Copy the project into `folder`, without results, and commit the copy to a new repository.

    The copy contains the files that git tracks and those that it would add.

    Raises:
        RuntimeError: A git command failed.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file() and not name.startswith(("reports/", "dvc.lock")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    project = Project(folder)
    for command in (
        "init -q",
        "config user.name Clone",
        "config user.email clone@localhost",
        "add -A",
        "commit -qm Copy",
    ):
        done = project.run("git", *command.split())
        if done.returncode:
            raise RuntimeError(done.stderr)
    return project
