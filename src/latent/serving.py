"""Models that MLflow serves: encoders for uint8 images, and decoders to uint8 images.

MLflow imports this module by name. It is logged with each model, together with the modules that it
imports. So a logged model can be loaded in any process that has Keras, without this project.

MLflow's server converts the numbers of a request to the type in the signature, without a warning.
For uint8 it would turn the pixel 0.9 into 0. Therefore the encoder's signature allows any type, and
this module checks the values. The server answers an error with status 400 and its message.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from numpy.typing import NDArray

from latent.models.inference import decode, encode
from latent.models.storage import load_model

if TYPE_CHECKING:
    import keras  # at runtime `latent.models` imports it


class ServedEncoder:
    """Maps images, uint8 (N, H, W, C), to their embeddings."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model

    def predict(
        self, data: Any, params: dict[str, Any] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Return `z_mean`, and for a VAE also `z_log_var`, each float32 (N, latent_dim).

        Args:
            data: images, integers from 0 to 255 (N, H, W, C), also as floating-point numbers; or a
                dict with these as `images`.
            params: not used; MLflow passes it.

        Raises:
            MlflowException: the images have another shape or other values.
        """
        images = _rows("images", data, self.model)
        # JSON does not distinguish 128.0 from 128.
        is_number = images.dtype.kind in "uif"
        if not is_number or not np.array_equal(images, np.rint(images).clip(0, 255)):
            raise _error("images: must be integers from 0 to 255")
        # Tracing a graph takes longer than a few images, and TensorFlow warns if it is repeated.
        batches = encode(self.model, _with_a_row(images.astype(np.uint8)), traced=False)
        outputs = [np.concatenate(parts)[: len(images)] for parts in zip(*batches, strict=True)]
        return dict(zip(("z_mean", "z_log_var"), outputs, strict=False))


class ServedDecoder:
    """Maps points of the latent space, float32 (N, latent_dim), to images."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model

    def predict(
        self, data: Any, params: dict[str, Any] | None = None
    ) -> dict[str, NDArray[np.uint8]]:
        """Return the decoded `images`, uint8 (N, H, W, C).

        Args:
            data: points, float32 (N, latent_dim); or a dict with these as `z`.
            params: not used; MLflow passes it.

        Raises:
            MlflowException: the points have another shape, are not finite, or are so large that the
                decoder's computations overflow.
        """
        z = _rows("z", data, self.model)
        if z.dtype.kind not in "uif" or not np.isfinite(z).all():
            raise _error("z: must be finite numbers of type float32")
        try:
            with np.errstate(invalid="raise"):
                return {"images": decode(self.model, _with_a_row(z))[: len(z)]}
        except FloatingPointError:
            raise _error("z: too large, the decoder's computations overflow") from None


def serve(path: Path) -> ServedEncoder | ServedDecoder:
    """Return the encoder or the decoder in the .keras file `path`, ready to predict."""
    model = load_model(path)
    return ServedDecoder(model) if model.name == "decoder" else ServedEncoder(model)


def _load_pyfunc(path: str) -> ServedEncoder | ServedDecoder:
    """Return the model for `mlflow.pyfunc.load_model`; MLflow requires this function name."""
    return serve(Path(path))


def _rows(name: str, data: Any, model: keras.Model) -> NDArray[Any]:
    """Return the input of a model as an array with a row per image or point.

    Raises:
        MlflowException: the input has another shape than that of the model.
    """
    values = data[name] if isinstance(data, dict) else data
    if isinstance(values, np.ndarray) and values.dtype == object:
        values = values.tolist()  # numbers of a request, whose type is not known yet
    try:
        rows = np.asarray(values)
    except ValueError:
        raise _error(f"{name}: the rows have different shapes") from None
    shape = model.input_shape[1:]
    if rows.shape[1:] != shape:
        allowed = ", ".join(map(str, shape))
        raise _error(f"{name}: has the shape {rows.shape}; allowed is (N, {allowed})")
    return rows


def _with_a_row(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the rows, or a row of zeros if there are none, which Keras cannot process."""
    return rows if len(rows) else np.zeros((1, *rows.shape[1:]), rows.dtype)


def _error(message: str) -> MlflowException:
    return MlflowException(message, INVALID_PARAMETER_VALUE)
