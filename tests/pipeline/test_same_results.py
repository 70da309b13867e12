"""Tests that all copies of the project have outs with the same bytes, and of `make quick`."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Reproduced

from benchmarks.clone import TINY, Project
from benchmarks.compare import differing_outs
from benchmarks.verify import run_elsewhere
from latent.params import load_params
from stages import quick

# `make quick` with the parameters of the other clones, and with a process for each stage: the clone
# `reproduced` has used the fork server.
SMALL = {**TINY, "runtime.threads": 2}
CODE = f"""
from stages import fork_server, quick
fork_server.start = lambda: None
quick.SMALL = {SMALL!r}
quick.main()
"""
QUICK = ("python", "-c", CODE)


@dataclass
class Elsewhere(Project):
    """The copy in which `make quick` has run all stages, in another environment.

    Attributes:
        project: the project of the copy, in another folder, and with other parameters.
        before: files of the project before, with the content of those that must not change.
        log: the output.
    """

    project: Project
    before: dict[str, bytes | None]
    log: str


@pytest.fixture(scope="module")
def elsewhere(reproduced: Reproduced, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    project = Project(tmp_path_factory.mktemp("other") / "second, elsewhere")
    shutil.copytree(reproduced.folder, project.folder, symlinks=True)
    project.edit({"runtime.threads": 1, "train_vae.faces.epochs": 7})
    before = dict.fromkeys(project.files())
    for name in ("params.yaml", "dvc.lock"):
        before[name] = (project.folder / name).read_bytes()
    log = run_elsewhere(project, QUICK)
    return Elsewhere(project.folder / ".cache/quick", project, before, log)


def test_another_clone_has_the_same_bytes(reproduced: Reproduced, elsewhere: Elsewhere) -> None:
    assert differing_outs(reproduced, elsewhere) == []
    assert reproduced.lock() == elsewhere.lock()


def test_differences_are_listed_with_stage_and_file(elsewhere: Elsewhere, copied: Project) -> None:
    copied.edit({"figures.ae_fashion.grid": 5})
    done = copied.run("dvc", "repro", "figures@ae_fashion")
    assert done.returncode == 0, done.stderr
    assert differing_outs(elsewhere, copied) == [
        "stage figures@ae_fashion: outs: reports/figures/ae_fashion/3-09_decoded_grid.png",
        "stage figures@ae_fashion: params differ",
    ]


def test_the_provenance_of_a_model(
    reproduced: Reproduced, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = (reproduced.folder / "models/vae_faces/provenance.json").read_text()
    for expected in (
        '"source": "sample"',
        '"digest": "',
        '"train_vae.faces.latent_dim": 6',
        "keras",
    ):
        assert expected in text
    # A folder above the one in which the pipeline ran.
    assert str(tmp_path_factory.getbasetemp().parent) not in text


def test_make_quick_runs_every_stage_and_leaves_the_project_alone(elsewhere: Elsewhere) -> None:
    project, before = elsewhere.project, elsewhere.before
    assert (
        len(re.findall(r"^\[\d+/22\] \S+, about \S+ \w+ left$", elsewhere.log, re.MULTILINE)) == 22
    )
    report = Path(re.findall(r"Open (\S+)$", elsewhere.log, re.MULTILINE)[0])
    assert "<html" in (project.folder / report).read_text(encoding="utf-8")
    new = {name for name in project.files() - set(before) if "__pycache__" not in name}
    assert {name for name in new if not name.startswith(".cache/")} == set()
    kept = {name: content for name, content in before.items() if content is not None}
    assert {name: (project.folder / name).read_bytes() for name in kept} == kept

    again = project.run(*QUICK)
    assert "Data and pipelines are up to date." in again.stdout
    project.edit({"train_vae.faces.latent_dim": 0})
    failed = project.run("python", "-m", "stages.quick")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("ERROR: params.yaml: train_vae.faces.latent_dim is 0")


def test_the_small_sample_of_make_quick_has_valid_parameters(
    reproduced: Reproduced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reproduced.folder)
    quick.prepare(tmp_path)
    params = load_params(tmp_path / "params.yaml")
    assert params.train_vae.faces.epochs == quick.SMALL["train_vae.faces.epochs"]
    assert params.download.faces.sample.images == quick.SMALL["download.faces.sample.images"]
