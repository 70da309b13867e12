"""A copy of the project with parameters so small that all of it runs in about a minute."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]

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
    "figures.ae_fashion.grid": 4,
    "figures.vae_fashion.grid": 4,
    "figures.vae_faces.histograms": 6,
    "figures.vae_faces.attributes": ["Smiling", "Male"],
    "figures.vae_faces.edited": 2,
}


@dataclass
class Project:
    """A clone of the project in a folder of its own."""

    folder: Path

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the virtual environment in the clone, whatever it returns."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            # Set by a user, or by what other tests imported into this process.
            if not name.startswith(("DVC_", "MLFLOW_", "TF_", "KERAS_"))
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**inherited, "PATH": path, "DVC_NO_ANALYTICS": "true", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def edit(self, changes: dict[str, Any]) -> None:
        """Give parameters, named by dotted keys, other values."""
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text(encoding="utf-8"))
        for key, value in changes.items():
            *sections, name = key.split(".")
            section = params
            for part in sections:
                section = section[part]
            section[name] = value
        path.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")

    def files(self) -> set[str]:
        """Return all files but git's and DVC's own."""
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and path.relative_to(self.folder).parts[0] not in (".git", ".dvc")
        }


def clone(folder: Path) -> Project:
    """Copy the files that git tracks, or would, and make a repository of them."""
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
    identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
    for command in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-qm", "Copy")):
        done = project.run("git", *command)
        assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """A clone in which nothing has run yet."""
    project = clone(tmp_path / "fresh")
    project.edit(TINY)
    return project


@dataclass
class Reproduced(Project):
    """A clone in which the pipeline has run.

    Attributes:
        log: what `dvc repro` printed.
        before: the files that were there before.
    """

    log: str
    before: set[str]


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Reproduced:
    """A clone in which the whole pipeline has run; tests leave it as it is."""
    project = clone(tmp_path_factory.mktemp("project"))
    project.edit(TINY)
    before = project.files()
    done = project.run("dvc", "repro")
    assert done.returncode == 0, done.stdout + done.stderr
    return Reproduced(project.folder, done.stdout + done.stderr, before)


@pytest.fixture
def edited(reproduced: Reproduced) -> Iterator[Reproduced]:
    """The same, with params.yaml put back afterwards."""
    path = reproduced.folder / "params.yaml"
    content = path.read_bytes()
    yield reproduced
    path.write_bytes(content)
