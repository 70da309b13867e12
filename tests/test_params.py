"""params.yaml: the values of the chapter, and one-line messages for invalid files."""

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from latent.errors import InputError
from latent.params import Params, load_params

PARAMS_FILE = Path(__file__).parents[1] / "params.yaml"
CONTENT: dict[str, Any] = yaml.safe_load(PARAMS_FILE.read_text(encoding="utf-8"))
ABSENT = object()


def edited(folder: Path, key: str, value: object) -> Path:
    """Write params.yaml with another value of a dotted key, or without the key."""
    content = copy.deepcopy(CONTENT)
    *sections, name = key.split(".")
    section = content
    for part in sections:
        section = section[part]
    if value is ABSENT:
        del section[name]
    else:
        section[name] = value
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_params(path)
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message
    return message


# Values of the file


def test_autoencoder_has_the_chapters_values(params: Params) -> None:
    section = params.train_ae.fashion
    assert section.filters == [32, 64, 128]
    assert section.block == ["conv", "relu"]
    assert section.dense_block == []
    assert section.latent_dim == 2
    assert section.loss == "bce"
    assert section.noise_std == 0
    assert section.learning_rate == 0.001
    assert (section.batch_size, section.epochs) == (100, 5)


def test_vae_of_fashion_mnist_has_the_chapters_values(params: Params) -> None:
    section = params.train_vae.fashion
    assert section.filters == [32, 64, 128]
    assert section.block == ["conv", "relu"]
    assert section.dense_block == []
    assert section.latent_dim == 2
    assert section.loss == "bce"
    assert section.reconstruction_weight == 500
    assert section.learning_rate == 0.001
    assert (section.batch_size, section.epochs) == (100, 5)


def test_vae_of_faces_has_the_chapters_values(params: Params) -> None:
    section = params.train_vae.faces
    assert section.filters == [128, 128, 128, 128]
    assert section.block == ["conv", "batch_norm", "leaky_relu"]
    assert section.dense_block == ["batch_norm", "leaky_relu"]
    assert section.latent_dim == 200
    assert section.loss == "mse"
    assert section.reconstruction_weight == 2000
    assert section.learning_rate == 0.0005
    assert (section.batch_size, section.epochs, section.seed) == (128, 5, 42)


def test_images_and_figures_have_the_chapters_values(params: Params) -> None:
    assert params.preprocess.fashion.padding == 2
    assert params.preprocess.faces.image_size == 32
    for plane in (params.figures.ae_fashion, params.figures.vae_fashion):
        assert (plane.embedded, plane.generated, plane.grid) == (5000, 18, 15)
    faces = params.figures.vae_faces
    assert (faces.reconstructed, faces.histograms, faces.generated) == (10, 50, 30)
    assert faces.attributes == [
        "Smiling", "Black_Hair", "Eyeglasses", "Young", "Male", "Blond_Hair",
    ]  # fmt: skip
    assert faces.factors == [-4, -3, -2, -1, 0, 1, 2, 3, 4]
    assert (faces.edited, faces.morph_steps) == (5, 11)


def test_the_chapters_edits_are_evaluated(params: Params) -> None:
    assert set(params.figures.vae_faces.factors) <= set(params.evaluate_edits.factors)


def test_default_source_is_the_sample(params: Params) -> None:
    assert params.download.fashion.source == "sample"
    assert params.download.faces.source == "sample"
    assert params.tracking.on_error == "warn"


def test_every_value_of_the_file_is_read(params: Params) -> None:
    assert params.model_dump() == CONTENT


# Access to values


def test_select_returns_the_values_of_sections_by_dotted_key(params: Params) -> None:
    assert params.select("runtime", "preprocess.faces") == {
        "runtime.threads": 2,
        "preprocess.faces.image_size": 32,
        "preprocess.faces.fit": "stretch",
        "preprocess.faces.max_bad_fraction": 0.01,
    }
    selected = params.select("download.faces")
    assert selected["download.faces.sample.images"] == 10_000
    assert selected["download.faces.location"] is None
    assert all(key.startswith("download.faces.") for key in selected)


def test_select_does_not_match_parts_of_names(params: Params) -> None:
    assert params.select("train") == {}
    assert params.select("train_vae.fash") == {}


def test_sections_can_be_accessed_by_name(params: Params) -> None:
    assert params["train_vae"]["faces"] is params.train_vae.faces
    with pytest.raises(InputError, match=r"'flowers'.*fashion, faces"):
        params.train_vae["flowers"]
    with pytest.raises(InputError):
        params["select"]


def test_params_cannot_be_changed(params: Params) -> None:
    with pytest.raises(ValueError, match="frozen"):
        params.runtime.threads = 3


# Invalid files

BAD_VALUES = [
    ("runtime.threads", "2", "valid integer"),
    ("runtime.threads", 0, "greater than or equal to 1"),
    ("runtime.threads", 2000, "less than or equal to 1024"),
    ("runtime.threads", None, "valid integer"),
    ("tracking.on_error", "ignore", "'warn' or 'fail'"),
    ("tracking.on_error", True, "'warn' or 'fail'"),
    ("download.fashion.source", "mnist", "'sample', 'fashion_mnist' or 'folder'"),
    ("download.fashion.location", None, "valid string"),
    ("download.fashion.location", "", "at least 1 character"),
    ("download.fashion.sample.train_images", -5, "greater than or equal to 1"),
    ("download.faces.source", "url", "'sample', 'kaggle', 'archive' or 'folder'"),
    ("download.faces.dataset", 7, "valid string"),
    ("download.faces.folder.location", "", "at least 1 character"),
    ("download.faces.folder.test_fraction", 0, "greater than 0"),
    ("download.faces.folder.test_fraction", 1.0, "less than 1"),
    ("download.faces.folder.seed", -1, "greater than or equal to 0"),
    ("download.faces.sample.images", 9, "greater than or equal to 10"),
    ("download.faces.sample.images", 1_000_000, "less than or equal to 999999"),
    ("download.faces.sample.seed", -1, "greater than or equal to 0"),
    ("preprocess.fashion.padding", -1, "greater than or equal to 0"),
    ("preprocess.faces.image_size", 32.0, "valid integer"),
    ("preprocess.faces.image_size", 7, "greater than or equal to 8"),
    ("train_ae.fashion.filters", [], "at least 1 item"),
    ("train_ae.fashion.filters", 32, "valid list"),
    ("train_ae.fashion.filters", [1] * 9, "at most 8 items"),
    ("train_ae.fashion.latent_dim", 0, "greater than or equal to 1"),
    ("train_ae.fashion.latent_dim", True, "valid integer"),
    ("train_ae.fashion.loss", "rmse", "'bce' or 'mse'"),
    ("train_ae.fashion.noise_std", -0.1, "greater than or equal to 0"),
    ("train_ae.fashion.noise_std", 30, "less than or equal to 1"),
    ("train_ae.fashion.epochs", 4096, "less than or equal to 4095"),
    ("train_ae.fashion.learning_rate", "fast", "valid number"),
    ("train_ae.fashion.learning_rate", True, "valid number"),
    ("train_ae.fashion.learning_rate", 0, "greater than 0"),
    ("train_ae.fashion.learning_rate", -0.001, "greater than 0"),
    ("train_ae.fashion.learning_rate", math.nan, "finite number"),
    ("train_ae.fashion.learning_rate", math.inf, "finite number"),
    ("train_vae.faces.batch_size", "128", "valid integer"),
    ("train_vae.faces.epochs", False, "valid integer"),
    ("train_vae.faces.seed", 2**32, "less than 4294967296"),
    ("train_vae.faces.reconstruction_weight", 0, "greater than 0"),
    ("train_vae.faces.reconstruction_weight", math.inf, "finite number"),
    ("embed.batch_size", 0, "greater than or equal to 1"),
    ("train_classifier.fashion.filters", [], "at least 1 item"),
    ("train_classifier.faces.features", 0, "greater than or equal to 1"),
    ("evaluate.images", 1, "greater than or equal to 2"),
    ("evaluate.importance_samples", 0, "greater than or equal to 1"),
    ("evaluate.seed", -1, "greater than or equal to 0"),
    ("evaluate_edits.factors", [], "at least 1 item"),
    ("figures.ae_fashion.grid", 1, "greater than or equal to 2"),
    ("figures.vae_faces.attributes", [], "at least 1 item"),
    ("figures.vae_faces.factors", [], "at least 1 item"),
    ("figures.vae_faces.morph_steps", 1, "greater than or equal to 2"),
    ("train_vae.faces", [1], "valid dictionary"),
    ("train_vae", None, "valid dictionary"),
]


@pytest.mark.parametrize(("key", "value", "allowed"), BAD_VALUES, ids=str)
def test_message_names_an_invalid_value_its_key_and_what_is_allowed(
    tmp_path: Path, key: str, value: object, allowed: str
) -> None:
    message = refusal(edited(tmp_path, key, value))
    assert f"{key} is {value!r}: " in message
    assert allowed in message


@pytest.mark.parametrize(
    ("key", "value", "index", "element", "allowed"),
    [
        ("train_vae.fashion.filters", [32, 0], 1, 0, "greater than or equal to 1"),
        ("train_vae.fashion.filters", [32, "64"], 1, "64", "valid integer"),
        ("train_vae.fashion.block", ["conv", "gelu"], 1, "gelu", "'leaky_relu'"),
        ("train_vae.fashion.dense_block", ["conv"], 0, "conv", "'batch_norm'"),
        ("figures.vae_faces.factors", [0, "1"], 1, "1", "valid number"),
        ("figures.vae_faces.factors", [math.nan], 0, math.nan, "finite number"),
        ("figures.vae_faces.factors", [0, -math.inf], 1, -math.inf, "finite number"),
        ("figures.vae_faces.attributes", ["Male", 7], 1, 7, "valid string"),
    ],
    ids=str,
)
def test_message_names_an_invalid_element_and_its_index(
    tmp_path: Path, key: str, value: object, index: int, element: object, allowed: str
) -> None:
    message = refusal(edited(tmp_path, key, value))
    assert f"{key}.{index} is {element!r}: " in message
    assert allowed in message


@pytest.mark.parametrize("block", [[], ["relu"], ["conv", "relu", "conv"]], ids=str)
def test_block_needs_exactly_one_convolution(tmp_path: Path, block: list[str]) -> None:
    message = refusal(edited(tmp_path, "train_vae.faces.block", block))
    assert "train_vae.faces" in message
    assert f"block must name conv exactly once, not {block}" in message


@pytest.mark.parametrize("name", ["", "celeba", "a/b/c", "../../b", "a/b/1/2", "a b/c", "ä/b"])
def test_a_kaggle_dataset_needs_an_owner_and_a_name(tmp_path: Path, name: str) -> None:
    message = refusal(edited(tmp_path, "download.faces.dataset", name))
    assert f"download.faces.dataset: {name!r} must be owner/name or owner/name/version" in message


def test_source_archive_needs_a_location(tmp_path: Path) -> None:
    message = refusal(edited(tmp_path, "download.faces.source", "archive"))
    assert "download.faces" in message
    assert "archive needs location" in message


@pytest.mark.parametrize(
    "key",
    [
        "epochs",
        "train_vae.flowers",
        "train_vae.faces.kl_weight",
        "download.faces.sample.size",
        "figures.vae_faces.Generated",
    ],
)
def test_message_names_an_unknown_key(tmp_path: Path, key: str) -> None:
    assert f"{key} is not a parameter" in refusal(edited(tmp_path, key, 1))


@pytest.mark.parametrize(
    "key",
    ["runtime", "train_ae.fashion", "train_vae.faces.seed", "download.fashion.sample.seed"],
)
def test_message_names_a_missing_key(tmp_path: Path, key: str) -> None:
    assert f"{key} is missing" in refusal(edited(tmp_path, key, ABSENT))


def test_message_names_all_problems(tmp_path: Path) -> None:
    path = edited(tmp_path, "train_vae.faces", {**CONTENT["train_vae"]["faces"], "epochs": 0})
    path.write_text(path.read_text(encoding="utf-8") + "extra: 1\n", encoding="utf-8")
    message = refusal(path)
    assert "train_vae.faces.epochs is 0" in message
    assert "extra is not a parameter" in message


def test_missing_file_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path / "params.yaml")
    assert str(tmp_path) in message
    assert "No such file" in message


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"runtime: [1", "is not YAML"),
        (b"a: b: c", "is not YAML"),
        (b"runtime:\n\tthreads: 2", "is not YAML"),
        (b"runtime: !!python/object:os.system {}", "is not YAML"),
        (b"runtime: 2024-99-99", "is not YAML"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"", "the file is None"),
        (b"# only a comment\n", "the file is None"),
        (b"- runtime\n- tracking\n", "the file is ['runtime', 'tracking']"),
        (b"just text", "the file is 'just text'"),
    ],
    ids=str,
)
def test_content_must_be_a_mapping(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    assert problem in refusal(path)


def test_numbers_are_read_as_dvc_writes_them(tmp_path: Path) -> None:
    text = PARAMS_FILE.read_text(encoding="utf-8")
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("learning_rate: 0.0005 ", "learning_rate: 1e-05 "), "utf-8")
    assert load_params(path).train_vae.faces.learning_rate == 0.00001


def test_a_duplicate_key_is_refused(tmp_path: Path) -> None:
    text = PARAMS_FILE.read_text(encoding="utf-8")
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("  threads: 2", "  threads: 2\n  threads: 4"), "utf-8")
    assert "threads" in refusal(path)
