"""Settings of the user for Keras change no result."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from latent.params import TrainVAE

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"

# Trains a VAE with batch normalisation and a classifier, and prints their hashes.
SCRIPT = """
import hashlib, sys
from pathlib import Path
if sys.argv[1] == "late":  # as in a notebook that uses Keras before it imports this package
    import keras
    keras.config.set_dtype_policy("mixed_float16")
import numpy as np
from latent.models.runtime import backend, configure
from latent.models.storage import save_model
from latent.classifier.targets import Targets
from latent.classifier.training import train_classifier
from latent.params import TrainClassifier, TrainVAE
from tiny_training import TEST_IMAGES, TRAIN_IMAGES, make_vae, run_training

folder = Path(sys.argv[2])
configure(1, 1)
params = TrainVAE.model_validate_json(sys.argv[3])
model = run_training(make_vae(params), params, folder / "checkpoints").model
halves = np.arange(len(TRAIN_IMAGES))[:, None] % 2 == [0, 1]
targets = Targets("labels", ["left", "top"], halves, halves[: len(TEST_IMAGES)])
params = TrainClassifier(
    filters=[4], features=4, learning_rate=0.01, batch_size=9, epochs=2, seed=1
)
parts = {"encoder": model.encoder, "decoder": model.decoder}
parts["classifier"] = train_classifier(TRAIN_IMAGES, targets, params)
for name, part in parts.items():
    path = folder / f"{name}.keras"
    save_model(part, path)
    print("RESULT", name, backend(), hashlib.sha256(path.read_bytes()).hexdigest())
"""


def train(
    folder: Path, params: str, settings: dict[str, Any], when: str = "first", **variables: str
) -> list[str]:
    """Return the results of the trainings with the given content of keras.json."""
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "keras.json").write_text(json.dumps(settings))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("KERAS_", "TF_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, when, str(folder), params],
        env={
            **environment,
            "KERAS_HOME": str(home),
            "PYTHONPATH": os.pathsep.join([str(SOURCE), str(HERE.parent / "training")]),
            **variables,
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("RESULT")]


@pytest.fixture(scope="module")
def vae_json(tiny_architecture: TrainVAE) -> str:
    block = ["conv", "batch_norm", "leaky_relu"]
    params = tiny_architecture.model_copy(update={"block": block, "dense_block": ["batch_norm"]})
    return str(params.model_dump_json())


@pytest.fixture(scope="module")
def expected(vae_json: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    results = train(tmp_path_factory.mktemp("default"), vae_json, {})
    assert [line.split()[:3] for line in results] == [
        ["RESULT", name, "tensorflow"] for name in ("encoder", "decoder", "classifier")
    ]
    return results


def test_keras_json_changes_no_result(vae_json: str, expected: list[str], tmp_path: Path) -> None:
    settings = {"image_data_format": "channels_first", "epsilon": 0.1, "backend": "jax"}
    assert train(tmp_path, vae_json, settings) == expected


def test_keras_json_and_variables_for_debugging_change_no_result(
    vae_json: str, expected: list[str], tmp_path: Path
) -> None:
    limits = {"KERAS_MAX_EPOCHS": "1", "KERAS_MAX_STEPS_PER_EPOCH": "1"}
    settings = {"floatx": "float16", "backend": "torch"}
    # An empty KERAS_BACKEND counts as missing, also if keras.json selects another backend.
    found = train(tmp_path, vae_json, settings, KERAS_BACKEND="", **limits)
    assert found == expected


def test_settings_of_the_same_process_change_no_result(
    vae_json: str, expected: list[str], tmp_path: Path
) -> None:
    settings = {"image_data_format": "channels_first", "floatx": "float64"}
    assert train(tmp_path, vae_json, settings, "late") == expected
