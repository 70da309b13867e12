"""Saved models: identical bytes, identical predictions, one-line errors for invalid files."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from latent.errors import InputError
from latent.models.networks import build_decoder, build_variational_encoder
from latent.models.storage import (
    count_not_trainable,
    layer_table,
    load_model,
    parameter_counts,
    save_model,
    summary,
)
from latent.params import TrainVAE

SHAPE = (8, 8, 3)
SOURCE = Path(__file__).parents[2] / "src"

# Builds the models of the fixture `models` and saves them.
ANOTHER_PROCESS = """
import sys
from pathlib import Path
import keras
from latent.models.networks import build_decoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import TrainVAE
architecture = TrainVAE.model_validate_json(sys.argv[1])
keras.utils.set_random_seed(1)
save_model(build_variational_encoder(architecture, (8, 8, 3), 1), Path("encoder.keras"))
save_model(build_decoder(architecture, (8, 8, 3)), Path("decoder.keras"))
"""


@pytest.fixture(scope="module")
def architecture(tiny_architecture: TrainVAE) -> TrainVAE:
    """With batch normalisation, whose moving averages are not trainable."""
    changes = {"block": ["conv", "batch_norm", "leaky_relu"], "dense_block": ["batch_norm"]}
    return tiny_architecture.model_copy(update=changes)


@pytest.fixture(scope="module")
def models(architecture: TrainVAE) -> tuple[keras.Model, keras.Model]:
    """An encoder and a decoder whose layers have the names of a new process."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    return build_variational_encoder(architecture, SHAPE, 1), build_decoder(architecture, SHAPE)


def test_saving_a_model_twice_gives_the_same_bytes(
    models: tuple[keras.Model, keras.Model], tmp_path: Path
) -> None:
    for model in models:
        save_model(model, tmp_path / "first.keras")
        save_model(model, tmp_path / "second.keras")
        assert (tmp_path / "first.keras").read_bytes() == (tmp_path / "second.keras").read_bytes()


def test_another_process_saves_the_same_bytes(
    models: tuple[keras.Model, keras.Model], architecture: TrainVAE, tmp_path: Path
) -> None:
    hash_seed = "7" if os.environ.get("PYTHONHASHSEED") != "7" else "8"
    subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS, architecture.model_dump_json()],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": hash_seed},
    )
    for model in models:
        save_model(model, tmp_path / "this.keras")
        other = tmp_path / f"{model.name}.keras"
        assert (tmp_path / "this.keras").read_bytes() == other.read_bytes()


def test_other_weights_give_other_bytes(
    models: tuple[keras.Model, keras.Model], tmp_path: Path
) -> None:
    encoder, _ = models
    save_model(encoder, tmp_path / "first.keras")
    copy = keras.models.clone_model(encoder)
    copy.set_weights([weight + 1 for weight in encoder.get_weights()])
    save_model(copy, tmp_path / "second.keras")
    assert (tmp_path / "first.keras").read_bytes() != (tmp_path / "second.keras").read_bytes()


def test_a_loaded_model_makes_the_same_predictions(
    models: tuple[keras.Model, keras.Model], tmp_path: Path
) -> None:
    encoder, decoder = models
    save_model(encoder, tmp_path / "encoder.keras")
    save_model(decoder, tmp_path / "decoder.keras")
    images = np.random.default_rng(1).random((5, *SHAPE), np.float32)
    loaded = load_model(tmp_path / "encoder.keras")
    for layer in (encoder.get_layer("z"), loaded.get_layer("z")):
        layer.restart(0)
    outputs = encoder.predict_on_batch(images)
    for ours, theirs in zip(outputs, loaded.predict_on_batch(images), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    z_mean = outputs[0]
    np.testing.assert_array_equal(
        decoder.predict_on_batch(z_mean),
        load_model(tmp_path / "decoder.keras").predict_on_batch(z_mean),
    )


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_model(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_a_missing_file_gives_a_one_line_error(tmp_path: Path) -> None:
    refusal(tmp_path / "encoder.keras")


def test_a_folder_gives_a_one_line_error(tmp_path: Path) -> None:
    refusal(tmp_path)


@pytest.mark.parametrize("length", [0, 1, 100, 0.5, 0.99, -1])
def test_a_truncated_file_gives_a_one_line_error(
    models: tuple[keras.Model, keras.Model], tmp_path: Path, length: float
) -> None:
    path = tmp_path / "encoder.keras"
    save_model(models[0], path)
    content = path.read_bytes()
    end = int(length * len(content)) if isinstance(length, float) else length
    path.write_bytes(content[:end])
    refusal(path)


def test_a_damaged_file_gives_a_one_line_error(
    models: tuple[keras.Model, keras.Model], tmp_path: Path
) -> None:
    path = tmp_path / "encoder.keras"
    save_model(models[0], path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    refusal(path)


@pytest.mark.parametrize("name", ["notes.keras", "notes.txt"])
def test_a_file_of_another_kind_gives_a_one_line_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("not a model\n", encoding="utf-8")
    refusal(tmp_path / name)


def test_layer_table(models: tuple[keras.Model, keras.Model]) -> None:
    table = layer_table(models[1])
    assert table.columns.tolist() == ["layer", "name", "output_shape", "parameters"]
    # Two blocks halve 8 pixels to 2. The last one has 8 filters: 2 · 2 · 8 = 32 values.
    assert table.drop(columns="name").to_numpy().tolist() == [
        ["InputLayer", "2", 0],
        ["Dense", "32", 2 * 32 + 32],
        ["BatchNormalization", "32", 4 * 32],
        ["Reshape", "2×2×8", 0],
        ["Conv2DTranspose", "4×4×8", 9 * 8 * 8 + 8],
        ["BatchNormalization", "4×4×8", 4 * 8],
        ["LeakyReLU", "4×4×8", 0],
        ["Conv2DTranspose", "8×8×4", 9 * 8 * 4 + 4],
        ["BatchNormalization", "8×8×4", 4 * 4],
        ["LeakyReLU", "8×8×4", 0],
        [type(models[1].layers[-1]).__name__, "8×8×3", 9 * 4 * 3 + 3],
    ]
    assert table["parameters"].sum() == models[1].count_params()


def test_parameter_counts(models: tuple[keras.Model, keras.Model]) -> None:
    # Batch normalisation has two non-trainable parameters per channel: moving mean and variance.
    assert [count_not_trainable(model) for model in models] == [2 * (4 + 8), 2 * (32 + 8 + 4)]
    assert parameter_counts(*models) == {
        # Convolutions, batch normalisations, and two dense layers from 32 values to 2 dimensions.
        "parameters/encoder": (9 * 3 * 4 + 4 + 16) + (9 * 4 * 8 + 8 + 32) + 2 * (32 * 2 + 2),
        "parameters/encoder_not_trainable": 24,
        "parameters/decoder": 96 + 128 + 584 + 32 + 292 + 16 + 111,
        "parameters/decoder_not_trainable": 88,
    }


def test_summary_contains_both_tables(models: tuple[keras.Model, keras.Model]) -> None:
    text = summary(*models)
    assert text.splitlines()[0] == "encoder"
    assert "\ndecoder\n" in text
    for model in models:
        for name in layer_table(model)["name"]:
            assert name in text
    assert f"{models[0].count_params():,} parameters, 24 not trainable\n" in text
    assert "1,259 parameters, 88 not trainable\n" in text
