"""Clones of the project, in which the pipeline runs as it does for somebody else."""

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
# How settings begin that a user, or what a test imported into its process, may have made. They
# would reach some of what is compared and not the rest; and MLflow's would have models that are
# thrown away registered in a store that people use.
SETTINGS = ("DVC_", "KAGGLE_", "KERAS_", "MLFLOW_", "OMP_", "TF_", "TORCH")

# All stages, both data sets, in about a minute.
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
    """Return this process' environment without settings of libraries, but for `changes`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return {**kept, **changes}


@dataclass
class Project:
    """A clone of the project in a folder of its own."""

    folder: Path

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command of the virtual environment in the clone, in a process group of its own.

        Nothing of the caller's settings reaches it, but for `environment`.
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
        """Run such a command to its end, whatever it returns."""
        process = self.start(*command, **environment)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def params(self) -> dict[str, Any]:
        """Return the content of params.yaml."""
        text = (self.folder / "params.yaml").read_text(encoding="utf-8")
        params: dict[str, Any] = yaml.safe_load(text)
        return params

    def edit(self, changes: dict[str, Any]) -> None:
        """Give parameters, named by dotted keys, other values."""
        params = self.params()
        for key, value in changes.items():
            *sections, name = key.split(".")
            reduce(getitem, sections, params)[name] = value
        text = yaml.safe_dump(params, sort_keys=False)
        (self.folder / "params.yaml").write_text(text, encoding="utf-8")

    def commands(self) -> dict[str, list[str]]:
        """Return the command of each stage, in the order in which DVC runs them."""
        printed = self.run("dvc", "repro", "--dry", "--force").stdout
        found = re.findall(r"^Running stage '(.+)':\n> (.+)$", printed, re.MULTILINE)
        return {stage: command.split() for stage, command in found}

    def files(self) -> set[str]:
        """Return all files but git's and DVC's own."""
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and path.relative_to(self.folder).parts[0] not in (".git", ".dvc")
        }

    def lock(self) -> dict[str, Any]:
        """Return the stages of dvc.lock."""
        text = (self.folder / "dvc.lock").read_text(encoding="utf-8")
        stages: dict[str, Any] = yaml.safe_load(text)["stages"]
        return stages


def clone(folder: Path) -> Project:
    """Copy the files that git tracks, or would, but no results, and make a repository of them."""
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
    identity = ("-c", "user.name=Clone", "-c", "user.email=clone@localhost")
    for command in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-qm", "Copy")):
        done = project.run("git", *command)
        if done.returncode:
            raise RuntimeError(done.stderr)
    return project
