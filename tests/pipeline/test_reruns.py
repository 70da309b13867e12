"""Tests of which stages run again after a change of a parameter or of the code."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import networkx
import pytest
from conftest import Reproduced
from dvc.repo import Repo

from benchmarks.clone import ROOT, Project

EMBED = {"embed@ae_fashion", "embed@vae_fashion", "embed@vae_faces"}
TRAIN = {"train_ae@fashion", "train_vae@fashion", "train_vae@faces"}
CLASSIFIERS = {"train_classifier@fashion", "train_classifier@faces"}
EVALUATE = {"evaluate@ae_fashion", "evaluate@vae_fashion", "evaluate@vae_faces"}
EDITS = {"evaluate_edits@faces"}
FIGURES = {"figures@ae_fashion", "figures@vae_fashion", "figures_vae_faces"}


def stages_run(output: str) -> set[str]:
    """Return the stages that `dvc repro` has run, or would run, according to its output."""
    return set(re.findall(r"Running stage '(.+)':", output))


@pytest.fixture(scope="module")
def repo(reproduced: Reproduced) -> Iterator[Repo]:
    """DVC's view of the clone `reproduced`, in this process."""
    with Repo(str(reproduced.folder)) as repo:
        assert changed_stages(repo) == set()
        yield repo


def changed_stages(repo: Repo) -> set[str]:
    """Return the stages whose own dependencies have changed, as `dvc repro --dry` lists them."""
    with repo.lock:
        return {stage.name for stage in repo.index.stages if stage.changed()}


@contextmanager
def restored(path: Path) -> Iterator[Path]:
    """Restore the content of a file at the end of the block."""
    content = path.read_bytes()
    try:
        yield path
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("runtime.threads", 1, TRAIN | CLASSIFIERS | EMBED | EVALUATE | EDITS | FIGURES),
        ("tracking.on_error", "fail", set()),
        ("checkpoint.epochs", 3, set()),
        ("download.fashion.sample.seed", 7, {"download@fashion"}),
        ("download.faces.sample.images", 50, {"download@faces"}),
        ("download.fashion.source", "fashion_mnist", {"download@fashion", "preprocess@fashion"}),
        ("preprocess.faces.image_size", 64, {"preprocess@faces"}),
        ("preprocess.faces.fit", "crop", {"preprocess@faces"}),
        ("train_ae.fashion.epochs", 3, {"train_ae@fashion", "evaluate@ae_fashion"}),
        (
            *("train_vae.fashion.reconstruction_weight", 100),
            {"train_vae@fashion", "evaluate@vae_fashion"},
        ),
        ("train_vae.faces.latent_dim", 7, {"train_vae@faces", "evaluate@vae_faces"}),
        ("train_classifier.fashion.epochs", 3, {"train_classifier@fashion"}),
        ("embed.batch_size", 7, EMBED),
        ("evaluate.importance_samples", 7, EVALUATE),
        ("evaluate_edits.images", 7, EDITS),
        ("figures.ae_fashion.grid", 5, {"figures@ae_fashion"}),
        ("figures.vae_faces.seed", 7, {"figures_vae_faces"}),
    ],
)
def test_the_stages_that_read_a_changed_parameter(
    reproduced: Reproduced, repo: Repo, key: str, value: object, expected: set[str]
) -> None:
    # These stages read the key. The stages that depend on them are not among them.
    with restored(reproduced.folder / "params.yaml"):
        reproduced.edit({key: value})
        changed = changed_stages(repo)
    # The report shows every parameter that can change a result.
    reported = set() if key.startswith(("tracking.", "checkpoint.")) else {"report"}
    assert changed == expected | reported


def test_the_stages_that_depend_on_a_training(repo: Repo) -> None:
    (training,) = (stage for stage in repo.index.stages if stage.name == "train_vae@fashion")
    assert {stage.name for stage in networkx.ancestors(repo.index.graph, training)} == {
        "embed@vae_fashion",
        "evaluate@vae_fashion",
        "figures@vae_fashion",
        "figures_chapter",
        "report",
    }


def test_a_changed_parameter_reruns_its_stage_and_the_dependent_stages(copied: Project) -> None:
    copied.edit({"figures.ae_fashion.grid": 5})
    done = copied.run("dvc", "repro")
    assert done.returncode == 0, done.stderr
    assert stages_run(done.stdout) == {"figures@ae_fashion", "report"}


DOWNLOAD = {"download@fashion", "download@faces"}
PREPROCESS = {"preprocess@fashion", "preprocess@faces"}
VECTORS = {"attribute_vectors@faces"}
CHAPTER = {"figures_chapter"}
REPORT = {"report"}
KERAS = TRAIN | CLASSIFIERS | EMBED | EVALUATE | EDITS | FIGURES

# At least one file of each folder of the library, and the stages that depend on it.
EDITED = {
    "io/files.py": DOWNLOAD | PREPROCESS | KERAS | VECTORS | CHAPTER | REPORT,
    "raw/celeba/tables.py": DOWNLOAD | PREPROCESS,
    "download/fashion/sample/tops.py": {"download@fashion"},
    "download/faces/kaggle.py": {"download@faces"},
    "preprocess/faces/decode.py": PREPROCESS,
    "models/losses.py": KERAS,
    "training/vae.py": TRAIN,
    "classifier/network.py": CLASSIFIERS | EVALUATE | EDITS,
    "latent_space/arithmetic.py": EMBED | VECTORS | EVALUATE | EDITS | FIGURES | CHAPTER,
    "evaluate/likelihood.py": EVALUATE,
    "evaluate_edits/measure.py": EDITS,
    "figures/common/style.py": EDITS | FIGURES | CHAPTER,
    "figures/model/curves.py": FIGURES,
    "figures/fashion/decoded.py": {"figures@ae_fashion", "figures@vae_fashion"} | CHAPTER,
    "figures/faces/edits.py": {"figures_vae_faces"},
    "figures/edits/cosines.py": EDITS,
    "report/claims.py": REPORT,
    "api/model.py": set(),
    "cli/main.py": set(),
    "explorer/app.py": set(),
    "__init__.py": set(),
    "params/training.py": set(),
    "tracking/run.py": set(),
    "errors.py": set(),
    "locks.py": set(),
    "serving.py": set(),
}


def test_every_folder_of_the_library_has_an_edited_file() -> None:
    library = ROOT / "src/latent"
    folders = {path.relative_to(library).parts[0] for path in library.glob("*/__init__.py")}
    assert {name.split("/")[0] for name in EDITED if "/" in name} == folders


@pytest.mark.parametrize("module", EDITED)
def test_the_stages_that_depend_on_an_edited_module(
    reproduced: Reproduced, repo: Repo, module: str
) -> None:
    with restored(reproduced.folder / "src/latent" / module) as path:
        path.write_bytes(path.read_bytes() + b"# A comment.\n")
        assert changed_stages(repo) == EDITED[module]


def test_dvc_repro_finds_the_same_stages_in_a_process_of_its_own(
    reproduced: Reproduced, repo: Repo
) -> None:
    module = "raw/celeba/tables.py"
    with (
        restored(reproduced.folder / "params.yaml"),
        restored(reproduced.folder / "src/latent" / module) as path,
    ):
        reproduced.edit({"embed.batch_size": 7})
        path.write_bytes(path.read_bytes() + b"# A comment.\n")
        done = reproduced.run("dvc", "repro", "--dry")
        assert done.returncode == 0, done.stderr
        expected = EDITED[module] | EMBED | {"report"}
        assert stages_run(done.stdout) == changed_stages(repo) == expected
