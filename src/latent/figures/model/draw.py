"""The figures that every model has, from its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent.data.dataset import read_array
from latent.figures.inputs import read_history
from latent.figures.model.architecture import architecture_figure
from latent.figures.model.curves import curves_figure
from latent.figures.model.epochs import epoch_frames, epochs_figure
from latent.figures.model.graph import read_boxes
from latent.figures.model.kl import kl_figure
from latent.figures.style import save_animation, save_figure
from latent.models.storage import load_model
from latent.space.kl import kl_per_dimension

if TYPE_CHECKING:
    import keras

FRAME_SECONDS = 0.7

Posteriors = tuple[NDArray[np.float32], NDArray[np.float32]]


def draw_model(
    model: Path,
    decoder: keras.Model,
    history: Path,
    posteriors: Posteriors | None,
    source: str,
    architecture: tuple[str, str],
    folder: Path,
) -> None:
    """Draw a model's layers, its training, its samples by epoch and, of a VAE, its KL divergences.

    Args:
        model: folder with encoder.keras and samples.npy.
        decoder: the model's decoder, loaded.
        history: CSV file of the training.
        posteriors: a VAE's z_mean and z_log_var of the test images, each float32 (N, latent_dim).
        source: name of the data.
        architecture: the chapter's number of the drawing of the layers, and its title.
        folder: exists; for the files.

    Raises:
        InputError: a file is missing or damaged.
    """
    encoder = load_model(model / "encoder.keras")
    samples = read_array(model / "samples.npy")
    losses = read_history(history)
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
