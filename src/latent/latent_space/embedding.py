"""Embeddings of the images of a dataset in the latent space of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from latent.io.dataset import SPLITS, read_array, read_split, reserve_array
from latent.io.files import whole_folder, write_json
from latent.io.paths import ModelPaths
from latent.models.inference import encode
from latent.models.storage import load_model

if TYPE_CHECKING:
    # `latent.models` starts Keras.
    import keras

# Names of the outputs that are written. The only output of an autoencoder has the first name.
OUTPUTS = ("z_mean", "z_log_var")
BATCHES = 10  # batches in memory at a time


def embed_dataset(paths: ModelPaths, batch_size: int) -> None:
    """Write the embeddings of the training and test images, and metrics of the test embeddings.

    Args:
        paths: paths of the encoder, the dataset and the results.
        batch_size: images per batch.

    Raises:
        InputError: a file is missing or damaged, or the disk is full.
    """
    encoder = load_model(paths.model / "encoder.keras")
    with whole_folder(paths.embeddings) as folder:
        for split in SPLITS:
            images = read_split(paths.dataset.processed, split).images
            embed(encoder, images, batch_size, folder, split)
    metrics = embedding_metrics(read_array(paths.embeddings / "test_z_mean.npy"))
    write_json(paths.embedding_metrics, metrics)


def embed(
    encoder: keras.Model, images: NDArray[np.uint8], batch_size: int, folder: Path, split: str
) -> None:
    """Write `<split>_z_mean.npy` and, for a VAE, `<split>_z_log_var.npy` into `folder`.

    Both are float32 (N, latent_dim), in the order of the images. A few batches are in memory at a
    time.

    Args:
        encoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), an array or the memory map of a whole file.
        batch_size: images per batch.
        folder: existing folder.
        split: "train" or "test".
    """
    names = OUTPUTS[: len(encoder.outputs)]
    paths = [folder / f"{split}_{name}.npy" for name in names]
    for path, output in zip(paths, encoder.outputs, strict=False):
        reserve_array(path, np.float32, (len(images), output.shape[1]))
    step = BATCHES * batch_size
    with tqdm(desc=f"embed, {split}", total=len(images), unit="images", disable=None) as bar:
        for first in range(0, len(images), step):
            start = first
            # What is read or written through a memory map stays in memory until the map is closed,
            # so all files are mapped again after a few batches.
            arrays = [np.lib.format.open_memmap(path, "r+") for path in paths]
            chunk = _map_again(images)[first : first + step]
            for outputs in encode(encoder, chunk, batch_size):
                count = len(outputs[0])
                for array, output in zip(arrays, outputs, strict=False):
                    array[start : start + count] = output
                start += count
                bar.update(count)


def _map_again(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a new memory map of the same file. An array in memory is returned unchanged."""
    if not isinstance(images, np.memmap) or images.filename is None:
        return images
    return np.memmap(images.filename, images.dtype, "r", images.offset, images.shape)


def embedding_metrics(z_mean: NDArray[np.float32]) -> dict[str, float]:
    """Return the centre and the extent of the embeddings.

    According to the chapter, the latent space of an autoencoder is neither centred nor bounded, and
    that of a VAE is both.

    Args:
        z_mean: float32 (N, latent_dim), N > 0.

    Returns:
        `embedding/mean_norm`: distance of the mean from the origin. `embedding/std`: root of the
        mean variance of a dimension. `embedding/abs_max`: largest absolute coordinate.
    """
    centre = z_mean.mean(axis=0, dtype=np.float64)
    variance = z_mean.var(axis=0, dtype=np.float64)
    return {
        "embedding/mean_norm": float(np.linalg.norm(centre)),
        "embedding/std": float(np.sqrt(variance.mean())),
        "embedding/abs_max": float(np.abs(z_mean).max()),
    }
