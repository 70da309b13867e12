"""The figures that every model has, from its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent.figures.common.history import read_history
from latent.figures.common.style import save_animation, save_figure
from latent.figures.model.architecture import architecture_figure
from latent.figures.model.curves import curves_figure
from latent.figures.model.epochs import epoch_frames, epochs_figure
from latent.figures.model.graph import read_boxes
from latent.figures.model.kl import kl_figure
from latent.io.dataset import read_array
from latent.io.paths import ModelPaths
from latent.latent_space.kl import kl_per_dimension
from latent.models.storage import load_model

if TYPE_CHECKING:
    import keras

FRAME_SECONDS = 0.7

Posteriors = tuple[NDArray[np.float32], NDArray[np.float32]]


def draw_model(
    paths: ModelPaths,
    decoder: keras.Model,
    posteriors: Posteriors | None,
    source: str,
    architecture: tuple[str, str],
    folder: Path,
) -> None:
    """Draw a model's layers, its training, its samples by epoch and, of a VAE, its KL divergences.

    Args:
        paths: of the model and its history.
        decoder: the model's decoder, loaded.
        posteriors: a VAE's z_mean and z_log_var of the test images, each float32 (N, latent_dim).
        source: name of the data.
        architecture: the chapter's number of the drawing of the layers, and its title.
        folder: exists; for the files.

    Raises:
        InputError: a file is missing or damaged.
    """
    encoder = load_model(paths.model / "encoder.keras")
    samples = read_array(paths.samples)
    losses = read_history(paths.history)
    number, title = architecture
    save_figure(
        architecture_figure(read_boxes(encoder), read_boxes(decoder), title, source),
        folder / f"{number}_architecture.png",
    )
    save_figure(curves_figure(losses, source), folder / "training_curves.png")
    save_figure(epochs_figure(samples, source), folder / "samples_by_epoch.png")
    frames = epoch_frames(samples, source)
    save_animation(frames, folder / "samples_by_epoch.gif", FRAME_SECONDS)
    if posteriors:
        figure = kl_figure(kl_per_dimension(*posteriors), len(posteriors[0]), source)
        save_figure(figure, folder / "kl_per_dimension.png")
