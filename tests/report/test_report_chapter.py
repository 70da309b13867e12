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
    PRIVATE,
    SECTIONS,
    differences,
    overrides,
    run_values,
    setting,
)

# Not of the chapter: how a training is watched, where chance begins, and what is forgiven.
OURS = ("samples", "seed", "max_bad_fraction")


def test_training_and_preprocessing_have_the_chapters_values(params: Params) -> None:
    values = params.select("preprocess", "train_ae", "train_vae")
    expected = {key for key in values if key.rsplit(".", 1)[1] not in OURS}
    assert expected <= set(CHAPTER)
    assert {key: values[key] for key in expected} == {key: CHAPTER[key].value for key in expected}


def test_the_defaults_are_those_of_params_yaml(params: Params) -> None:
    values = params.select(*SECTIONS)
    assert set(values) - set(PRIVATE) == set(DEFAULTS)
    assert {key: values[key] for key in DEFAULTS} == DEFAULTS
    # The default sources have a use for some of them.
    assert set(run_values(params)) < set(DEFAULTS)
    assert not any(".folder." in key for key in run_values(params))


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


def test_of_own_images_the_report_says_how_they_are_split_but_not_where_they_lie(
    params: Params,
) -> None:
    own = edited(params, "download.fashion.source", "folder")
    own = edited(own, "download.fashion.folder.test_fraction", 0.5)
    values = run_values(own)
    assert values["download.fashion.folder.size"] == 28
    assert "download.fashion.sample.seed" not in values
    assert overrides(own) == [
        "download.fashion.source=folder",
        "download.fashion.folder.test_fraction=0.5",
    ]
    elsewhere = edited(own, "download.fashion.folder.location", "/elsewhere/secret")
    assert "secret" not in str(run_values(elsewhere)) + str(overrides(elsewhere))
    assert overrides(elsewhere)[-1] == "download.fashion.folder.location=/path/to/folder"


def test_faces_of_kaggle_are_the_chapters(params: Params) -> None:
    real = edited(params, "download.faces.source", "kaggle")
    assert "download.faces.source" not in [found.key for found in differences(real)]
    assert run_values(real)["download.faces.dataset"] == "jessicali9530/celeba-dataset"
    assert "download.faces.dataset" not in run_values(params)
    assert overrides(real) == ["download.faces.source=kaggle"]


def test_values_are_written_as_dvc_reads_them() -> None:
    assert setting([1, "conv", None, True]) == "[1,conv,null,true]"
    assert setting("a b") == '"a b"'
