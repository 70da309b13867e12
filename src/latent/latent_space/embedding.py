"""Where a data set lies in a latent space."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from latent.io.dataset import SPLITS, read_array, read_split, reserve_array
from latent.io.files import whole_folder, write_json
from latent.io.paths import ModelPaths
from latent.models.inference import encode
from latent.models.storage import load_model

# An autoencoder's only output goes by the first of these names.
OUTPUTS = ("z_mean", "z_log_var")
BATCHES = 10  # that are in memory at a time


def embed_dataset(paths: ModelPaths, batch_size: int) -> None:
    """Write the embeddings of the training and test images, and the metrics of the latter.

    Args:
        paths: of the encoder, the dataset and the outs.
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
    """Write `<split>_z_mean.npy`, and a VAE's `<split>_z_log_var.npy`, into `folder`.

    Both are float32 (N, latent_dim), rows as in `images`. A few batches are in memory at a time.

    Args:
        encoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), an array or the memory map of a whole file.
        batch_size: images per batch.
        folder: exists.
        split: "train" or "test".
    """
    names = OUTPUTS[: len(encoder.outputs)]
    paths = [folder / f"{split}_{name}.npy" for name in names]
    for path, output in zip(paths, encoder.outputs, strict=False):
        reserve_array(path, np.float32, (len(images), output.shape[1]))
    rows = BATCHES * batch_size
    with tqdm(desc=f"embed, {split}", total=len(images), unit="images", disable=None) as bar:
        for first in range(0, len(images), rows):
            start = first
            # Mapped anew for some batches at a time, so that no more than theirs stays in memory.
            arrays = [np.lib.format.open_memmap(path, "r+") for path in paths]
            for batches in encode(encoder, _map_anew(images)[first : first + rows], batch_size):
                for array, batch in zip(arrays, batches, strict=False):
                    array[start : start + len(batch)] = batch
                start += len(batches[0])
                bar.update(len(batches[0]))


def _map_anew(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a map of the same file, of which nothing is in memory yet; an array as it is."""
    if not isinstance(images, np.memmap) or images.filename is None:
        return images
    return np.memmap(images.filename, images.dtype, "r", images.offset, images.shape)


def embedding_metrics(z_mean: NDArray[np.float32]) -> dict[str, float]:
    """Return where the embeddings are centred and how far they reach.

    Returns:
        `embedding/mean_norm`: distance of their mean from the origin; `embedding/std`: standard
        deviation along a dimension, as the root of the mean variance; `embedding/abs_max`: largest
        absolute coordinate. The chapter's claim is that an autoencoder's space is neither centred
        nor bounded, and that a VAE's is both.
    """
    centre = z_mean.mean(axis=0, dtype=np.float64)
    variance = z_mean.var(axis=0, dtype=np.float64)
    return {
        "embedding/mean_norm": float(np.linalg.norm(centre)),
        "embedding/std": float(np.sqrt(variance.mean())),
        "embedding/abs_max": float(np.abs(z_mean).max()),
    }
