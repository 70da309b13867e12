"""Draws the figures of every model from its files."""

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
    """Draw architecture, training curves and samples by epoch, and the KL divergences of a VAE.

    Args:
        paths: paths of the model and its history.
        decoder: the decoder of the model.
        posteriors: z_mean and z_log_var of the test images, float32 (N, latent_dim) each, or None
            if the model is no VAE.
        source: name of the data.
        architecture: number of the figure of the architecture in the chapter, and its title.
        folder: existing folder of the files.

    Raises:
        InputError: a file is missing or damaged.
    """
    encoder = load_model(paths.model / "encoder.keras")
    samples = read_array(paths.samples)
    history = read_history(paths.history)
    number, title = architecture
    figure = architecture_figure(read_boxes(encoder), read_boxes(decoder), title, source)
    save_figure(figure, folder / f"{number}_architecture.png")
    save_figure(curves_figure(history, source), folder / "training_curves.png")
    save_figure(epochs_figure(samples, source), folder / "samples_by_epoch.png")
    frames = epoch_frames(samples, source)
    save_animation(frames, folder / "samples_by_epoch.gif", FRAME_SECONDS)
    if posteriors:
        figure = kl_figure(kl_per_dimension(*posteriors), len(posteriors[0]), source)
        save_figure(figure, folder / "kl_per_dimension.png")
