"""Where a data set lies in a latent space."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from latent.data.dataset import reserve_array
from latent.models.inference import encode

# An autoencoder's only output goes by the first of these names.
OUTPUTS = ("z_mean", "z_log_var")
BATCHES = 10  # that are in memory at a time


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
        `embedding/centre`: distance of their mean from the origin; `embedding/std`: standard
        deviation along a dimension, as the root of the mean variance; `embedding/reach`: largest
        absolute coordinate. The chapter's claim is that an autoencoder's space is neither centred
        nor bounded, and that a VAE's is both.
    """
    centre = z_mean.mean(axis=0, dtype=np.float64)
    variance = z_mean.var(axis=0, dtype=np.float64)
    return {
        "embedding/centre": float(np.linalg.norm(centre)),
        "embedding/std": float(np.sqrt(variance.mean())),
        "embedding/reach": float(np.abs(z_mean).max()),
    }
