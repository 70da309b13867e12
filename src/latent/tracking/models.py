"""Registers trained models in MLflow."""

import shutil
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
import numpy as np
from mlflow.models import infer_signature

from latent.models.runtime import backend
from latent.serving import ServedEncoder, serve
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


def register_model(run: Run, folder: Path) -> None:
    """Log the encoder and the decoder in `folder` to the active run, and register them.

    They become the newest versions of `<experiment>_encoder` and `<experiment>_decoder`, with a
    signature and an input example. `latent.serving` defines their inputs and outputs.
    """
    with TemporaryDirectory() as temporary:
        code = Path(temporary, PACKAGE.name)
        for name in SERVING_MODULES:
            (code / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PACKAGE / name, code / name)
        for part in ("encoder", "decoder"):
            _register(folder / f"{part}.keras", part, f"{run.experiment}_{part}", code)


def _register(path: Path, part: str, name: str, code: Path) -> None:
    served = serve(path)
    dtype = np.uint8 if isinstance(served, ServedEncoder) else np.float32
    example = np.zeros((1, *served.model.input_shape[1:]), dtype)
    logged = mlflow.pyfunc.log_model(
        name=part,
        loader_module="latent.serving",
        data_path=str(path),
        code_paths=[str(code)],
        signature=infer_signature(example, served.predict(example)),
        input_example=example,
        # To infer the requirements, MLflow would load the model again.
        pip_requirements=[f"{package}=={version(package)}" for package in REQUIREMENTS],
        registered_model_name=name,
    )
    mlflow.MlflowClient().set_registered_model_alias(name, ALIAS, logged.registered_model_version)
