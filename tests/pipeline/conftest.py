"""Fixtures of the pipeline's tests: clones with small parameters, which run in about a minute."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks.clone import TINY, Project, clone
from benchmarks.verify import MAKE_REPRO


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
        log: the output of `make repro`.
        before: the files that existed before it ran.
    """

    log: str
    before: set[str]


def reproduce(folder: Path) -> Reproduced:
    """Run the whole pipeline in a new clone."""
    project = clone(folder)
    project.edit(TINY)
    before = project.files()
    done = project.run(*MAKE_REPRO)
    assert done.returncode == 0, done.stdout + done.stderr
    return Reproduced(folder, done.stdout + done.stderr, before)


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Reproduced:
    """A clone in which the whole pipeline has run. Tests must not change it.

    The pipeline runs once for all processes of pytest. Each of them has its own copy, because DVC
    locks a folder.
    """
    folder = tmp_path_factory.mktemp("project")
    if worker_id == "master":  # the only process
        return reproduce(folder)
    # The parent of this process's temporary folder belongs to all of them.
    original = tmp_path_factory.getbasetemp().parent / "reproduced"
    record = original.with_suffix(".json")
    with FileLock(original.with_suffix(".lock")):
        if not record.exists():
            shutil.rmtree(original, ignore_errors=True)  # of a process whose run failed
            made = reproduce(original)
            record.write_text(json.dumps([made.log, sorted(made.before)]), encoding="utf-8")
    log, before = json.loads(record.read_text(encoding="utf-8"))
    shutil.copytree(original, folder, symlinks=True, dirs_exist_ok=True)
    return Reproduced(folder, log, set(before))


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
