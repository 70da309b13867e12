"""A changed parameter reruns what depends on it, and nothing else."""

import re

import pytest
from conftest import Reproduced

from benchmarks.clone import Project

EMBED = {"embed@ae_fashion", "embed@vae_fashion", "embed@vae_faces"}
TRAIN = {"train_ae@fashion", "train_vae@fashion", "train_vae@faces"}
JUDGES = {"train_judge@fashion", "train_judge@faces"}
EVALUATE = {"evaluate@ae_fashion", "evaluate@vae_fashion", "evaluate@vae_faces"}
EDITS = {"evaluate_edits@faces"}
FIGURES = {"figures@ae_fashion", "figures@vae_fashion", "figures_faces"}


def stages_run(output: str) -> set[str]:
    return set(re.findall(r"Running stage '(.+)':", output))


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("runtime.threads", 1, TRAIN | JUDGES | EMBED | EVALUATE | EDITS | FIGURES),
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
        ("train_judge.fashion.epochs", 3, {"train_judge@fashion"}),
        ("embed.batch_size", 7, EMBED),
        ("evaluate.importance_samples", 7, EVALUATE),
        ("evaluate_edits.images", 7, EDITS),
        ("figures.ae_fashion.grid", 5, {"figures@ae_fashion"}),
        ("figures.vae_faces.seed", 7, {"figures_faces"}),
    ],
)
def test_the_stages_that_a_parameter_makes_out_of_date(
    edited: Reproduced, key: str, value: object, expected: set[str]
) -> None:
    # A dry run changes no out, so it names the stages that read the key, not those behind them.
    edited.edit({key: value})
    done = edited.run("dvc", "repro", "--dry")
    assert done.returncode == 0, done.stderr
    # The report shows every parameter that can change a result.
    reported = set() if key.startswith(("tracking.", "checkpoint.")) else {"report"}
    assert stages_run(done.stdout) == expected | reported


def test_what_a_changed_parameter_really_reruns(copied: Project) -> None:
    copied.edit({"train_vae.fashion.reconstruction_weight": 100})
    done = copied.run("dvc", "repro")
    assert done.returncode == 0, done.stderr
    assert stages_run(done.stdout) == {
        "train_vae@fashion",
        "embed@vae_fashion",
        "evaluate@vae_fashion",
        "figures@vae_fashion",
        "figures_chapter",
        "report",
    }


def test_an_edited_module_reruns_the_stages_that_import_it(copied: Project) -> None:
    for module, expected in (
        ("space/arithmetic.py", {"evaluate_edits@faces", "figures_faces"}),
        ("evaluate/likelihood.py", EVALUATE),
        ("models/vae.py", {"train_vae@fashion", "train_vae@faces"}),
        ("tracking/run.py", set()),
    ):
        path = copied.folder / "src/latent" / module
        content = path.read_bytes()
        path.write_bytes(content + b"# A comment.\n")
        assert stages_run(copied.run("dvc", "repro", "--dry").stdout) == expected
        path.write_bytes(content)
