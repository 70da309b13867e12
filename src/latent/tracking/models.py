"""Registers trained models in MLflow."""

import shutil
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
import numpy as np
from mlflow.entities import LoggedModelOutput, LoggedModelStatus
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import Schema, TensorSpec

from latent.models.runtime import backend
from latent.serving import ServedDecoder, ServedEncoder, serve
from latent.tracking.descriptions import model_description
from latent.tracking.previews import describe_model
from latent.tracking.run import Run

ALIAS = "newest"
REQUIREMENTS = ("keras", backend(), "numpy", "pandas")
PACKAGE = Path(__file__).parents[1]
# The modules that `latent.serving` imports. A logged model contains a copy of them.
SERVING_MODULES = (
    "__init__.py",
    "errors.py",
    "serving.py",
    "models/__init__.py",
    "models/inference.py",
    "models/layers.py",
    "models/storage.py",
)
# This type and shape allow every input, also numbers that are not integers. `latent.serving` checks
# the images.
ANY_IMAGES = TensorSpec(np.dtype(object), (-1,), "images")


def register_model(run: Run, folder: Path) -> None:
    """Register the encoder and the decoder in `folder`, unless `run` has registered them already.

    They become the newest versions of `<experiment>_encoder` and `<experiment>_decoder`, with a
    description and an input example. `latent.serving` defines their inputs and outputs. No run may
    be active.
    """
    for part in ("encoder", "decoder"):
        _register(run, folder / f"{part}.keras", part)


def _register(run: Run, path: Path, part: str) -> None:
    client = mlflow.MlflowClient()
    name = f"{run.experiment}_{part}"
    versions = list(client.search_model_versions(f"name = '{name}'"))
    if not any(version.run_id == run.run_id for version in versions):
        served = serve(path)
        model_id = _find_logged(run, part) or _log(run, path, part, served)
        versions.append(mlflow.register_model(f"models:/{model_id}", name))
        text = model_description(part, served.model.input_shape[1:], served.model.output_shape)
        describe_model(run, name, text)
    newest = max(int(version.version) for version in versions)
    client.set_registered_model_alias(name, ALIAS, str(newest))


def _find_logged(run: Run, part: str) -> str | None:
    """Return the id of a model that an earlier attempt has logged; delete incomplete ones."""
    client = mlflow.MlflowClient()
    found = client.search_logged_models(
        [run.experiment_id], f"source_run_id = '{run.run_id}' AND name = '{part}'"
    )
    for model in found:
        if model.status == LoggedModelStatus.READY:
            return str(model.model_id)
        client.delete_logged_model(model.model_id)
    return None


def _log(run: Run, path: Path, part: str, served: ServedEncoder | ServedDecoder) -> str:
    """Log a model, and return its id."""
    client = mlflow.MlflowClient()
    is_encoder = isinstance(served, ServedEncoder)
    example = np.zeros((1, *served.model.input_shape[1:]), np.uint8 if is_encoder else np.float32)
    signature = infer_signature({"images" if is_encoder else "z": example}, served.predict(example))
    if is_encoder:
        signature = ModelSignature(Schema([ANY_IMAGES]), signature.outputs)
    # `log_model` would create the model in the active run, but `run` has ended.
    model = client.create_logged_model(run.experiment_id, part, run.run_id)
    client.log_outputs(run.run_id, [LoggedModelOutput(model.model_id, step=0)])
    with TemporaryDirectory() as temporary:
        code = Path(temporary, PACKAGE.name)
        for module in SERVING_MODULES:
            (code / module).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PACKAGE / module, code / module)
        mlflow.pyfunc.log_model(
            model_id=model.model_id,
            loader_module="latent.serving",
            data_path=str(path),
            code_paths=[str(code)],
            signature=signature,
            input_example=example,
            # To infer the requirements, MLflow would load the model again.
            pip_requirements=[f"{package}=={version(package)}" for package in REQUIREMENTS],
        )
    return str(model.model_id)
