"""Trained encoders and decoders as MLflow serves them: uint8 images in, uint8 images out.

MLflow finds this module by name, in a copy of it and of what it imports that lies beside the model:
a logged model loads in any process that has Keras, with or without this project.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from latent.models.inference import decode, encode
from latent.models.storage import load_model

if TYPE_CHECKING:
    # `latent.models` starts Keras, quietly.
    import keras


class ServedEncoder:
    """Images, uint8 (N, H, W, C), to float32 (N, latent_dim): `z_mean`, and a VAE's `z_log_var`."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model

    def predict(
        self, images: NDArray[np.uint8], params: dict[str, Any] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Return where the images lie in the latent space."""
        outputs = [np.concatenate(parts) for parts in zip(*encode(self.model, images), strict=True)]
        return dict(zip(("z_mean", "z_log_var"), outputs, strict=False))


class ServedDecoder:
    """Points, float32 (N, latent_dim), to `images`, uint8 (N, H, W, C)."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model

    def predict(
        self, z: NDArray[np.float32], params: dict[str, Any] | None = None
    ) -> dict[str, NDArray[np.uint8]]:
        """Return the images that the points stand for."""
        return {"images": decode(self.model, z)}


def serve(path: Path) -> ServedEncoder | ServedDecoder:
    """Return the encoder or the decoder in the .keras file `path`, ready to predict."""
    model = load_model(path)
    return ServedDecoder(model) if model.name == "decoder" else ServedEncoder(model)


def _load_pyfunc(path: str) -> ServedEncoder | ServedDecoder:
    """Return what `mlflow.pyfunc.load_model` wraps: MLflow's own name for a loader."""
    return serve(Path(path))
