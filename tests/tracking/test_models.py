"""Tests of the registered models, which must predict in a process without the project."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import keras
import mlflow
import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_store import FAIL, PROVENANCE, fresh_client, mlflow_command

from latent.models.inference import decode
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import TrainVAE
from latent.serving import serve
from latent.tracking.models import ALIAS, register_model
from latent.tracking.training import training_run

SHAPE = (8, 8, 3)

PREDICT = """
import sys
# The editable installation puts the project's src/ on the path.
sys.path = [folder for folder in sys.path if not folder.endswith("/src")]
try:
    import latent
except ImportError:
    pass
else:
    sys.exit("the project can be imported: the models must be loaded without it")
import mlflow
import numpy as np
uri, name, inputs, outputs = sys.argv[1:]
mlflow.set_tracking_uri(uri)
for part in ("encoder", "decoder"):
    model = mlflow.pyfunc.load_model(f"models:/{name}_{part}@newest")
    np.savez(f"{outputs}/{part}.npz", **model.predict(np.load(f"{inputs}/{part}.npy")))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with fresh_client(tmp_path_factory.mktemp("elsewhere")):
        yield


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (5, *SHAPE), np.uint8)


@pytest.fixture(scope="module")
def points() -> NDArray[np.float32]:
    return np.random.default_rng(2).standard_normal((4, 2), np.float32)


@pytest.fixture(scope="module")
def networks(tiny_architecture: TrainVAE) -> dict[str, keras.Model]:
    keras.utils.set_random_seed(1)
    return {
        "encoder": build_variational_encoder(tiny_architecture, SHAPE, 1),
        "decoder": build_decoder(tiny_architecture, SHAPE),
    }


def train(root: Path, experiment: str, folder: Path) -> None:
    """Log a training, and register the model in `folder`."""
    with training_run(root, experiment, FAIL, str(folder), PROVENANCE, {}) as run:
        run.submit_files(register_model, run, folder)
    assert run.failure == run.files_failure == ""


@pytest.fixture(scope="module")
def root(
    environment: None,
    networks: dict[str, keras.Model],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A project with a model that is registered twice."""
    root = tmp_path_factory.mktemp("project")
    (root / "model").mkdir()
    for name, model in networks.items():
        save_model(model, root / "model" / f"{name}.keras")
    for _ in range(2):
        train(root, "vae_fashion", root / "model")
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")


@pytest.fixture(scope="module")
def predictions(
    root: Path,
    images: NDArray[np.uint8],
    points: NDArray[np.float32],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, NDArray[np.generic]]]:
    """The registered models' predictions in a process that cannot import the project."""
    folder = tmp_path_factory.mktemp("elsewhere")
    np.save(folder / "encoder.npy", images)
    np.save(folder / "decoder.npy", points)
    settings = ("PYTHONPATH", "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID")
    finished = subprocess.run(
        [
            *(sys.executable, "-c", PREDICT),
            *(f"sqlite:///{root / 'mlflow.db'}", "vae_fashion", str(folder), str(folder)),
        ],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return {part: dict(np.load(folder / f"{part}.npz")) for part in ("encoder", "decoder")}


def test_a_registered_encoder_embeds_uint8_images_without_the_project(
    predictions: dict[str, dict[str, NDArray[np.generic]]],
    networks: dict[str, keras.Model],
    images: NDArray[np.uint8],
) -> None:
    z_mean, z_log_var, _ = networks["encoder"].predict_on_batch(images / np.float32(255))
    found = predictions["encoder"]
    assert sorted(found) == ["z_log_var", "z_mean"]
    assert found["z_mean"].dtype == np.float32
    np.testing.assert_allclose(found["z_mean"], z_mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["z_log_var"], z_log_var, rtol=1e-5, atol=1e-6)


def test_a_registered_decoder_returns_uint8_images_without_the_project(
    predictions: dict[str, dict[str, NDArray[np.generic]]],
    networks: dict[str, keras.Model],
    points: NDArray[np.float32],
) -> None:
    found = predictions["decoder"]
    assert list(found) == ["images"]
    assert found["images"].dtype == np.uint8
    assert found["images"].shape == (4, *SHAPE)
    expected = decode(networks["decoder"], points)
    # Floating-point sums may differ between processes, which may change a rounded pixel by one.
    assert np.abs(found["images"].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_the_alias_points_to_the_newest_version(client: mlflow.MlflowClient, part: str) -> None:
    versions = client.search_model_versions(f"name = 'vae_fashion_{part}'")
    assert sorted(int(version.version) for version in versions) == [1, 2]
    newest = client.get_model_version_by_alias(f"vae_fashion_{part}", ALIAS)
    assert int(newest.version) == 2
    # Each version belongs to the run that made it.
    assert len({version.run_id for version in versions}) == 2


@pytest.mark.parametrize(
    ("part", "expected_input", "expected_outputs"),
    [
        # Images of any type and shape reach `latent.serving`, which checks them.
        ("encoder", ("object", (-1,)), ["z_mean", "z_log_var"]),
        ("decoder", ("float32", (-1, 2)), ["images"]),
    ],
)
def test_signature_and_input_example(
    root: Path,
    part: str,
    expected_input: tuple[str, tuple[int, ...]],
    expected_outputs: list[str],
) -> None:
    uri = f"models:/vae_fashion_{part}@{ALIAS}"
    info = mlflow.models.get_model_info(uri)
    assert info.signature is not None
    (inputs,) = info.signature.inputs.inputs
    assert (inputs.type.name, inputs.shape) == expected_input
    assert [output.name for output in info.signature.outputs.inputs] == expected_outputs
    assert info.saved_input_example_info is not None
    model = mlflow.pyfunc.load_model(uri)
    assert model.input_example is not None
    ((name, example),) = model.input_example.items()
    assert name == inputs.name
    assert example.shape == ((1, *SHAPE) if part == "encoder" else (1, 2))


def test_requirements_are_pinned(root: Path) -> None:
    path = mlflow.pyfunc.get_model_dependencies(f"models:/vae_fashion_encoder@{ALIAS}")
    lines = Path(path).read_text(encoding="utf-8").split()
    assert {line.partition("==")[0] for line in lines} >= {"keras", "tensorflow", "numpy"}
    assert all("==" in line for line in lines)


def test_the_encoder_of_an_autoencoder_returns_only_z_mean(
    tiny_architecture: TrainVAE,
    images: NDArray[np.uint8],
    root: Path,
) -> None:
    encoder = build_encoder(tiny_architecture, SHAPE)
    folder = root / "autoencoder"
    folder.mkdir()
    save_model(encoder, folder / "encoder.keras")
    save_model(build_decoder(tiny_architecture, SHAPE), folder / "decoder.keras")
    train(root, "ae_fashion", folder)
    model = mlflow.pyfunc.load_model(f"models:/ae_fashion_encoder@{ALIAS}")
    found = model.predict(images)
    assert list(found) == ["z_mean"]
    expected = encoder.predict_on_batch(images / np.float32(255))
    np.testing.assert_allclose(found["z_mean"], expected, rtol=1e-5, atol=1e-6)


def test_images_of_a_wrong_shape_are_rejected(root: Path) -> None:
    model = mlflow.pyfunc.load_model(f"models:/vae_fashion_encoder@{ALIAS}")
    with pytest.raises(mlflow.MlflowException, match="shape"):
        model.predict(np.zeros((1, 9, 9, 3), np.uint8))


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[dict[str, str]]:
    """The addresses where MLflow serves the parts of the model."""
    database = f"sqlite:///{root / 'mlflow.db'}"
    addresses = {}
    with ExitStack() as stack:
        for part in ("encoder", "decoder"):
            uri = f"models:/vae_fashion_{part}@{ALIAS}"
            options = ("models", "serve", "--model-uri", uri, "--env-manager", "local")
            command = mlflow_command(root, *options, MLFLOW_TRACKING_URI=database)
            addresses[part] = f"http://127.0.0.1:{stack.enter_context(command)}/invocations"
        yield addresses


def invoke(address: str, inputs: Any) -> tuple[int, Any]:
    """Return the status and the answer of a server to a request."""
    content = json.dumps({"inputs": inputs}).encode()
    request = Request(address, content, {"Content-Type": "application/json"})
    try:
        with urlopen(request) as answer:
            return answer.status, json.load(answer)["predictions"]
    except HTTPError as error:
        return error.code, json.load(error)["message"].splitlines()[-1]


IMAGE = np.full((1, *SHAPE), 128)


@pytest.mark.parametrize(
    ("part", "inputs", "reason"),
    [
        ("encoder", IMAGE / 255, "images: must be integers from 0 to 255"),
        ("encoder", IMAGE + 128, "images: must be integers from 0 to 255"),
        ("encoder", IMAGE - 129, "images: must be integers from 0 to 255"),
        ("encoder", np.full(IMAGE.shape, None), "images: must be integers from 0 to 255"),
        ("encoder", IMAGE[:, 1:], "images: has the shape (1, 7, 8, 3); allowed is (N, 8, 8, 3)"),
        ("encoder", [[1, 2], [3]], "images: the rows have different shapes"),
        ("encoder", [], "images: has the shape (0,); allowed is (N, 8, 8, 3)"),
        ("decoder", [[0.0, np.nan]], "z: must be finite numbers of type float32"),
        ("decoder", [[0.0, None]], "z: must be finite numbers of type float32"),
        ("decoder", [[0.0, -1e300]], "z: must be finite numbers of type float32"),
        ("decoder", [[0.0, 1.0, 2.0]], "Shape of input (1, 3) does not match"),
        ("decoder", [], "Shape of input (0,) does not match expected shape (-1, 2)."),
    ],
)
def test_a_server_rejects_wrong_inputs_with_status_400_and_the_reason(
    served: dict[str, str], part: str, inputs: Any, reason: str
) -> None:
    status, message = invoke(served[part], np.asarray(inputs, object).tolist())
    assert status == 400
    assert message.startswith("Error: ")
    assert reason in message


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_a_server_answers_correct_inputs(
    served: dict[str, str],
    part: str,
    networks: dict[str, keras.Model],
    points: NDArray[np.float32],
) -> None:
    if part == "encoder":
        status, found = invoke(served[part], IMAGE.tolist())
        assert (status, found) == invoke(served[part], IMAGE.astype(np.float64).tolist())
        z_mean, _, _ = networks[part].predict_on_batch(IMAGE.astype(np.float32) / 255)
        np.testing.assert_allclose(found["z_mean"], z_mean, rtol=1e-5, atol=1e-6)
    else:
        status, found = invoke(served[part], points.astype(np.float64).tolist())
        difference = np.array(found["images"]) - decode(networks[part], points)
        assert np.abs(difference).max() <= 1
    assert status == 200


@pytest.mark.parametrize(("part", "rows"), [("encoder", IMAGE[:0]), ("decoder", np.zeros((0, 2)))])
def test_zero_rows_have_empty_outputs(
    root: Path, part: str, rows: NDArray[np.generic], networks: dict[str, keras.Model]
) -> None:
    model = mlflow.pyfunc.load_model(f"models:/vae_fashion_{part}@{ALIAS}")
    dtype = np.uint8 if part == "encoder" else np.float32
    shapes = {name: values.shape for name, values in model.predict(rows.astype(dtype)).items()}
    expected = {"z_mean": (0, 2), "z_log_var": (0, 2)}
    assert shapes == (expected if part == "encoder" else {"images": (0, *SHAPE)})


def test_a_point_for_which_the_decoder_overflows_is_rejected(
    tmp_path: Path, tiny_architecture: TrainVAE
) -> None:
    decoder = build_decoder(tiny_architecture, SHAPE)
    decoder.set_weights([1e30 * weights for weights in decoder.get_weights()])
    save_model(decoder, tmp_path / "decoder.keras")
    with pytest.raises(mlflow.MlflowException, match="z: too large"):
        serve(tmp_path / "decoder.keras").predict(np.array([[1e10, -1e10]], np.float32))
