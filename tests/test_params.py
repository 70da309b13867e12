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


def edited(folder: Path, *changes: tuple[str, object]) -> Path:
    """Write params.yaml with other values of dotted keys, or without the keys."""
    content = copy.deepcopy(CONTENT)
    for key, value in changes:
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
    ("train_classifier.faces.batch_size", 1, "greater than or equal to 2"),
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
    message = refusal(edited(tmp_path, (key, value)))
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
    message = refusal(edited(tmp_path, (key, value)))
    assert f"{key}.{index} is {element!r}: " in message
    assert allowed in message


@pytest.mark.parametrize("block", [[], ["relu"], ["conv", "relu", "conv"]], ids=str)
def test_block_needs_exactly_one_convolution(tmp_path: Path, block: list[str]) -> None:
    message = refusal(edited(tmp_path, ("train_vae.faces.block", block)))
    assert "train_vae.faces" in message
    assert f"block must name conv exactly once, not {block}" in message


@pytest.mark.parametrize("layers", ["block", "dense_block"])
def test_batch_normalisation_needs_batches_of_two_images(tmp_path: Path, layers: str) -> None:
    section = CONTENT["train_vae"]["fashion"]
    names = [*section[layers], "batch_norm"]
    without = {**section, "batch_size": 1}
    load_params(edited(tmp_path, ("train_vae.fashion", without)))
    load_params(
        edited(tmp_path, ("train_vae.fashion", {**section, layers: names, "batch_size": 2}))
    )
    message = refusal(edited(tmp_path, ("train_vae.fashion", {**without, layers: names})))
    assert "train_vae.fashion: batch_size must be at least 2 with batch_norm, not 1" in message


@pytest.mark.parametrize("neighbours", [1000, 1001])
def test_evaluated_images_need_enough_neighbours(tmp_path: Path, neighbours: int) -> None:
    load_params(edited(tmp_path, ("evaluate.neighbours", 999)))
    message = refusal(edited(tmp_path, ("evaluate.neighbours", neighbours)))
    assert f"evaluate: neighbours must be less than images (1000), not {neighbours}" in message


def test_edits_need_a_factor_other_than_0(tmp_path: Path) -> None:
    load_params(edited(tmp_path, ("evaluate_edits.factors", [0, 0.5])))
    message = refusal(edited(tmp_path, ("evaluate_edits.factors", [0, 0.0])))
    assert "evaluate_edits: factors must contain a value other than 0" in message


# Sizes of images and numbers of filters


@pytest.mark.parametrize(
    ("size", "filters", "fitting"),
    [(100, 4, [96, 112]), (8, 4, [16]), (511, 8, [256, 512]), (33, 1, [32, 34])],
)
def test_faces_that_cannot_be_halved_are_refused_with_the_nearest_sizes(
    tmp_path: Path, size: int, filters: int, fitting: list[int]
) -> None:
    network = ("train_vae.faces.filters", [4] * filters)
    message = refusal(edited(tmp_path, network, ("preprocess.faces.image_size", size)))
    where = f"params.yaml: preprocess.faces.image_size is {size}: "
    assert message.startswith(f"{where}must be a multiple of {2**filters}, ")
    assert f"halves images {filters} times (once per entry of train_vae.faces.filters)" in message
    assert message.endswith(f": set it to {' or '.join(map(str, fitting))}")
    for fits in fitting:
        load_params(edited(tmp_path, network, ("preprocess.faces.image_size", fits)))


@pytest.mark.parametrize("source", ["sample", "fashion_mnist"])
@pytest.mark.parametrize(
    ("padding", "network", "filters", "fitting"),
    [
        (3, "train_ae", 3, [2, 6]),
        (0, "train_vae", 3, [2, 6]),
        (2, "train_ae", 6, [18, 50]),
        (2, "train_vae", 8, [114]),
    ],
)
def test_padded_images_that_cannot_be_halved_are_refused_with_the_nearest_paddings(
    tmp_path: Path, source: str, padding: int, network: str, filters: int, fitting: list[int]
) -> None:
    changes = [
        ("download.fashion.source", source),
        (f"{network}.fashion.filters", [4] * filters),
    ]
    message = refusal(edited(tmp_path, *changes, ("preprocess.fashion.padding", padding)))
    assert message.startswith(f"params.yaml: preprocess.fashion.padding is {padding}: ")
    assert f"28×28 pixels with a padding of {padding} cannot be halved {filters} times" in message
    fits = " or ".join(map(str, fitting))
    assert message.endswith(f"set preprocess.fashion.padding to {fits}")
    for width in fitting:
        load_params(edited(tmp_path, *changes, ("preprocess.fashion.padding", width)))


def test_message_names_all_sizes_that_cannot_be_halved(tmp_path: Path) -> None:
    sizes = [("preprocess.faces.image_size", 100), ("preprocess.fashion.padding", 1)]
    message = refusal(edited(tmp_path, *sizes))
    assert "preprocess.faces.image_size is 100: " in message
    assert "; preprocess.fashion.padding is 1: " in message


def test_classifiers_do_not_halve_images_exactly(tmp_path: Path) -> None:
    load_params(edited(tmp_path, ("train_classifier.faces.filters", [4] * 8)))


def test_user_supplied_idx_files_may_have_another_size_than_class_folders(tmp_path: Path) -> None:
    source = ("download.fashion.source", "folder")
    assert load_params(edited(tmp_path, source)).folder_size_problem is None
    # 28×28 pixels cannot be halved three times without padding, but IDX files may have 32×32.
    path = edited(tmp_path, source, ("preprocess.fashion.padding", 0))
    problem = load_params(path).folder_size_problem
    assert problem
    assert problem.startswith("download.fashion.folder.size is 28: images of 28×28 pixels")
    assert problem.endswith("set preprocess.fashion.padding to 2 or 6")


@pytest.mark.parametrize("name", ["", "celeba", "a/b/c", "../../b", "a/b/1/2", "a b/c", "ä/b"])
def test_a_kaggle_dataset_needs_an_owner_and_a_name(tmp_path: Path, name: str) -> None:
    message = refusal(edited(tmp_path, ("download.faces.dataset", name)))
    assert f"download.faces.dataset: {name!r} must be owner/name or owner/name/version" in message


@pytest.mark.parametrize("dataset", ["fashion", "faces"])
def test_an_encoding_is_one_of_python(tmp_path: Path, dataset: str) -> None:
    key = f"download.{dataset}.folder.zip_encoding"
    for name in ("utf-9", "base64", "rot13", ""):
        assert f"{key}: {name!r} is not an encoding" in refusal(edited(tmp_path, (key, name)))
    for name in (None, "gbk", "Shift-JIS", "cp850"):
        params = load_params(edited(tmp_path, (key, name)))
        assert params.download[dataset].folder.zip_encoding == name


def test_source_archive_needs_a_location(tmp_path: Path) -> None:
    message = refusal(edited(tmp_path, ("download.faces.source", "archive")))
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
    assert f"{key} is not a parameter" in refusal(edited(tmp_path, (key, 1)))


@pytest.mark.parametrize(
    "key",
    ["runtime", "train_ae.fashion", "train_vae.faces.seed", "download.fashion.sample.seed"],
)
def test_message_names_a_missing_key(tmp_path: Path, key: str) -> None:
    assert f"{key} is missing" in refusal(edited(tmp_path, (key, ABSENT)))


def test_message_names_all_problems(tmp_path: Path) -> None:
    path = edited(tmp_path, ("train_vae.faces", {**CONTENT["train_vae"]["faces"], "epochs": 0}))
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
