"""Tests that all clones of the project have outs with the same bytes."""

from pathlib import Path

import pytest
from conftest import Reproduced

from benchmarks.clone import TINY, Project, clone
from benchmarks.compare import differing_outs
from benchmarks.verify import run_elsewhere


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A second clone, in another folder, in which the pipeline has run in another environment."""
    project = clone(tmp_path_factory.mktemp("other") / "second, elsewhere")
    project.edit(TINY)
    run_elsewhere(project)
    return project


def test_another_clone_has_the_same_bytes(reproduced: Reproduced, elsewhere: Project) -> None:
    assert differing_outs(reproduced, elsewhere) == []
    assert reproduced.lock() == elsewhere.lock()


def test_differences_are_listed_with_stage_and_file(elsewhere: Project, copied: Project) -> None:
    copied.edit({"figures.ae_fashion.grid": 5})
    done = copied.run("dvc", "repro", "figures@ae_fashion")
    assert done.returncode == 0, done.stderr
    assert differing_outs(elsewhere, copied) == [
        "stage figures@ae_fashion: outs: reports/figures/ae_fashion/3-09_decoded_grid.png",
        "stage figures@ae_fashion: params differ",
    ]


def test_the_provenance_of_a_model(reproduced: Reproduced) -> None:
    text = (reproduced.folder / "models/vae_faces/provenance.json").read_text()
    for expected in (
        '"source": "sample"',
        '"digest": "',
        '"train_vae.faces.latent_dim": 6',
        "keras",
    ):
        assert expected in text
    assert str(Path(reproduced.folder).parent) not in text
