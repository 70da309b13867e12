"""Fixtures of the pipeline's tests: clones with small parameters, which run in about a minute."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.clone import TINY, Project, clone


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """A clone in which no stage has run."""
    project = clone(tmp_path / "fresh")
    project.edit(TINY)
    return project


@dataclass
class Reproduced(Project):
    """A clone in which the pipeline has run.

    Attributes:
        log: the output of `dvc repro`.
        before: the files that existed before it ran.
    """

    log: str
    before: set[str]


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Reproduced:
    """A clone in which the whole pipeline has run. Tests must not change it."""
    project = clone(tmp_path_factory.mktemp("project"))
    project.edit(TINY)
    before = project.files()
    done = project.run("dvc", "repro")
    assert done.returncode == 0, done.stdout + done.stderr
    return Reproduced(project.folder, done.stdout + done.stderr, before)


@pytest.fixture
def edited(reproduced: Reproduced) -> Iterator[Reproduced]:
    """The clone `reproduced`, whose params.yaml is restored after the test."""
    path = reproduced.folder / "params.yaml"
    content = path.read_bytes()
    yield reproduced
    path.write_bytes(content)


@pytest.fixture
def copied(reproduced: Reproduced, tmp_path: Path) -> Project:
    """A copy of the clone `reproduced`, for tests that change it."""
    copy = Project(tmp_path / "copy")
    shutil.copytree(reproduced.folder, copy.folder, symlinks=True)
    return copy


@pytest.fixture
def committed(copied: Project) -> Project:
    """A clone in which the pipeline has run, with a commit of the results."""
    identity = ("-c", "user.name=Clone", "-c", "user.email=clone@localhost")
    for command in (("add", "-A"), (*identity, "commit", "-qm", "Results")):
        assert copied.run("git", *command).returncode == 0
    return copied
