"""The chapter's parameter values, and how the parameters of a run differ from them."""

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
    LOCATIONS,
    SECTIONS,
    differences,
    format_value,
    overrides,
    run_values,
)

# Parameters that the chapter does not have.
ADDITIONAL = ("samples", "seed", "max_bad_fraction")


def test_training_and_preprocessing_have_the_values_of_the_chapter(params: Params) -> None:
    values = params.select("preprocess", "train_ae", "train_vae")
    expected = {key for key in values if key.rsplit(".", 1)[1] not in ADDITIONAL}
    assert expected <= set(CHAPTER)
    assert {key: values[key] for key in expected} == {key: CHAPTER[key].value for key in expected}


def test_defaults_equal_params_yaml(params: Params) -> None:
    values = params.select(*SECTIONS)
    assert set(values) - set(LOCATIONS) == set(DEFAULTS)
    assert {key: values[key] for key in DEFAULTS} == DEFAULTS
    # The default data sources do not use all of them.
    assert set(run_values(params)) < set(DEFAULTS)
    assert not any(".folder." in key for key in run_values(params))


def test_only_the_data_sources_of_params_yaml_differ_from_the_chapter(params: Params) -> None:
    assert [difference.key for difference in differences(params)] == [
        "download.fashion.source",
        "download.faces.source",
    ]
    assert overrides(params) == []


def test_changed_parameter_is_listed_with_both_values(params: Params) -> None:
    last = differences(edited(params, "train_vae.faces.latent_dim", 64))[-1]
    assert (last.key, last.chapter.value, last.value) == ("train_vae.faces.latent_dim", 200, 64)
    assert last.chapter.source == "table 3-5"


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
def test_dvc_reproduces_the_parameters_from_the_overrides(
    params: Params, tmp_path: Path, key: str, value: Any
) -> None:
    changed = edited(params, key, value)
    path = shutil.copy(PARAMS_FILE, tmp_path / "params.yaml")
    settings = overrides(changed)
    assert [text.partition("=")[0] for text in settings] == [key]
    apply_overrides(path, settings)
    assert load_params(Path(path)) == changed


def test_locations_of_files_are_not_shown(params: Params) -> None:
    local = edited(params, "download.faces.location", "/elsewhere/secret.zip")
    real = edited(edited(local, "download.faces.source", "archive"), "embed.batch_size", 7)
    assert "secret" not in str(run_values(real)) + str(overrides(real))
    assert overrides(real) == [
        "download.faces.source=archive",
        "embed.batch_size=7",
        "download.faces.location=/path/to/archive.zip",
    ]
    # The parameters of the synthetic sample only matter if it is used.
    assert "download.faces.sample.seed" not in run_values(real)
    assert "download.fashion.sample.seed" in run_values(real)


def test_split_of_your_own_images_is_shown_but_not_their_location(
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


def test_faces_from_kaggle_do_not_differ_from_the_chapter(params: Params) -> None:
    real = edited(params, "download.faces.source", "kaggle")
    assert "download.faces.source" not in [difference.key for difference in differences(real)]
    assert run_values(real)["download.faces.dataset"] == "jessicali9530/celeba-dataset"
    assert "download.faces.dataset" not in run_values(params)
    assert overrides(real) == ["download.faces.source=kaggle"]


def test_values_have_the_syntax_of_dvc() -> None:
    assert format_value([1, "conv", None, True]) == "[1,conv,null,true]"
    assert format_value("a b") == '"a b"'
