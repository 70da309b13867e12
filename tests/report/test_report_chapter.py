"""The chapter's values, and what a run has in place of them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides
from tiny_run import PARAMS_FILE, edited

from latent.params import Params, load_params
from latent.report.chapter import (
    CHAPTER,
    DEFAULTS,
    differences,
    overrides,
    run_values,
    setting,
)

# Not of the chapter: how a training is watched, and where chance begins.
OURS = ("samples", "seed")


def test_training_and_preprocessing_have_the_chapters_values(params: Params) -> None:
    values = params.select("preprocess", "train_ae", "train_vae")
    expected = {key for key in values if key.rsplit(".", 1)[1] not in OURS}
    assert expected <= set(CHAPTER)
    assert {key: values[key] for key in expected} == {key: CHAPTER[key].value for key in expected}


def test_the_defaults_are_those_of_params_yaml(params: Params) -> None:
    assert run_values(params) == {key: DEFAULTS[key] for key in run_values(params)}
    assert set(DEFAULTS) == set(run_values(params))


def test_only_the_data_differs_from_the_chapter_as_it_comes(params: Params) -> None:
    assert [found.key for found in differences(params)] == [
        "download.fashion.source",
        "download.faces.source",
    ]
    assert overrides(params) == []


def test_a_changed_parameter_differs_with_both_values(params: Params) -> None:
    found = differences(edited(params, "train_vae.faces.latent_dim", 64))[-1]
    assert (found.key, found.specified.value, found.here) == ("train_vae.faces.latent_dim", 200, 64)
    assert found.specified.where == "table 3-5"


CHANGES: list[tuple[str, Any]] = [
    ("runtime.threads", 4),
    ("train_ae.fashion.filters", [16, 32]),
    ("train_ae.fashion.dense_block", ["batch_norm", "relu"]),
    ("train_vae.faces.learning_rate", 0.00025),
    ("train_vae.fashion.reconstruction_weight", 100.0),
    ("figures.vae_faces.attributes", ["Smiling", "two words, {and} $more"]),
    ("figures.vae_faces.factors", [-1.5, 0.0, 2.5]),
    ("download.fashion.sample.train_images", 50),
]


@pytest.mark.parametrize(("key", "value"), CHANGES)
def test_dvc_makes_the_same_parameters_of_the_overrides(
    params: Params, tmp_path: Path, key: str, value: Any
) -> None:
    changed = edited(params, key, value)
    path = shutil.copy(PARAMS_FILE, tmp_path / "params.yaml")
    settings = overrides(changed)
    assert [text.partition("=")[0] for text in settings] == [key]
    apply_overrides(path, settings)
    assert load_params(Path(path)) == changed


def test_where_a_file_lies_is_kept_out(params: Params) -> None:
    local = edited(params, "download.faces.location", "/elsewhere/secret.zip")
    real = edited(edited(local, "download.faces.source", "archive"), "embed.batch_size", 7)
    assert "secret" not in str(run_values(real)) + str(overrides(real))
    assert overrides(real) == [
        "download.faces.source=archive",
        "embed.batch_size=7",
        "download.faces.location=/path/to/archive.zip",
    ]
    # How a sample is drawn says nothing where none was.
    assert "download.faces.sample.seed" not in run_values(real)
    assert "download.fashion.sample.seed" in run_values(real)


def test_values_are_written_as_dvc_reads_them() -> None:
    assert setting([1, "conv", None, True]) == "[1,conv,null,true]"
    assert setting("a b") == '"a b"'
