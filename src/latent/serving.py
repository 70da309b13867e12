"""Models that MLflow serves: encoders for uint8 images, and decoders to uint8 images.

MLflow imports this module by name. It is logged with each model, together with the modules that it
imports. So a logged model can be loaded in any process that has Keras, without this project.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
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
        self, images: NDArray[np.uint8], params: dict[str, Any] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Return `z_mean`, and for a VAE also `z_log_var`, each float32 (N, latent_dim)."""
        outputs = [np.concatenate(parts) for parts in zip(*encode(self.model, images), strict=True)]
        return dict(zip(("z_mean", "z_log_var"), outputs, strict=False))


class ServedDecoder:
    """Maps points of the latent space, float32 (N, latent_dim), to images."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model

    def predict(
        self, z: NDArray[np.float32], params: dict[str, Any] | None = None
    ) -> dict[str, NDArray[np.uint8]]:
        """Return the decoded `images`, uint8 (N, H, W, C)."""
        return {"images": decode(self.model, z)}


def serve(path: Path) -> ServedEncoder | ServedDecoder:
    """Return the encoder or the decoder in the .keras file `path`, ready to predict."""
    model = load_model(path)
    return ServedDecoder(model) if model.name == "decoder" else ServedEncoder(model)


def _load_pyfunc(path: str) -> ServedEncoder | ServedDecoder:
    """Return the model for `mlflow.pyfunc.load_model`; MLflow requires this function name."""
    return serve(Path(path))
