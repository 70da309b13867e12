"""Where a data set lies in a latent space."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from latent.models.inference import encode

# An autoencoder's only output goes by the first of these names.
OUTPUTS = ("z_mean", "z_log_var")


def embed(
    encoder: keras.Model, images: NDArray[np.uint8], batch_size: int, folder: Path, split: str
) -> None:
    """Write `<split>_z_mean.npy`, and a VAE's `<split>_z_log_var.npy`, into `folder`.

    Both are float32 (N, latent_dim), rows as in `images`. One batch is in memory at a time.

    Args:
        encoder: from `latent.models.networks`.
        images: uint8 (N, H, W, C), an array or a memory map.
        batch_size: images per batch.
        folder: exists.
        split: "train" or "test".
    """
    names = OUTPUTS[: len(encoder.outputs)]
    arrays = [
        np.lib.format.open_memmap(
            folder / f"{split}_{name}.npy", "w+", np.float32, (len(images), output.shape[1])
        )
        for name, output in zip(names, encoder.outputs, strict=False)
    ]
    start = 0
    with tqdm(desc=f"embed, {split}", total=len(images), unit="images", disable=None) as bar:
        for batches in encode(encoder, images, batch_size):
            for array, batch in zip(arrays, batches, strict=False):
                array[start : start + len(batch)] = batch
            start += len(batches[0])
            bar.update(len(batches[0]))
    for array in arrays:
        array.flush()


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
