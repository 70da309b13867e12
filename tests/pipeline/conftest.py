"""A copy of the project with parameters so small that all of it runs in about a minute."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.clone import TINY, Project, clone


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


@pytest.fixture
def copied(reproduced: Reproduced, tmp_path: Path) -> Project:
    """The same, as a copy of a test's own."""
    copy = Project(tmp_path / "copy")
    shutil.copytree(reproduced.folder, copy.folder, symlinks=True)
    return copy
