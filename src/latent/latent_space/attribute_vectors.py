"""Attribute vectors: the direction in which a latent space has more of an attribute.

Source: D. Foster, Generative Deep Learning, 2nd ed., O'Reilly 2023, chapter 3; there as the
difference of the classes' means.
"""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from latent.errors import InputError
from latent.io.dataset import SPLITS, read_array, read_table
from latent.io.files import whole_folder

log = logging.getLogger(__name__)

CHUNK = 1024  # rows per step: a processor's cache holds them, and memory any number of images


def attribute_vectors(z_mean: NDArray[np.float32], attributes: pd.DataFrame) -> pd.DataFrame:
    """Return, per attribute, mean z_mean of the images with it minus that of those without.

    One pass over z_mean, in float64. An attribute that all images have, or none, has no vector:
    its elements are NaN.

    Args:
        z_mean: float32 (N, latent_dim), an array or a memory map.
        attributes: N rows of booleans, a column per attribute.

    Returns:
        A row per attribute, in order: `attribute`, `with` and `without` (numbers of images),
        `norm` (length of the vector, float64) and `vector` (float32, latent_dim elements).
    """
    has = attributes.to_numpy(dtype=bool)
    sums = np.zeros((has.shape[1], z_mean.shape[1]))
    total = np.zeros(z_mean.shape[1])
    for start in range(0, len(z_mean), CHUNK):
        rows = z_mean[start : start + CHUNK].astype(np.float64)
        sums += has[start : start + CHUNK].T.astype(np.float64) @ rows
        total += rows.sum(axis=0)
    count_with = has.sum(axis=0)
    count_without = len(has) - count_with
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_with = sums / count_with[:, np.newaxis]
        mean_without = (total - sums) / count_without[:, np.newaxis]
    vectors = mean_with - mean_without
    return pd.DataFrame(
        {
            "attribute": list(attributes.columns),
            "with": count_with,
            "without": count_without,
            "norm": np.linalg.norm(vectors, axis=1),
            "vector": list(vectors.astype(np.float32)),
        }
    )


def attribute_aucs(
    vectors: pd.DataFrame, z_mean: NDArray[np.float32], attributes: pd.DataFrame
) -> NDArray[np.float64]:
    """Return how well z_mean · v tells images with an attribute from those without.

    The area under the ROC curve on images that no vector was made from: 1 is a perfect order, 0.5
    chance. NaN where an attribute has no vector or where these images are all of one kind. It is
    the Mann-Whitney statistic, from the ranks of all images: (R − n₁(n₁ + 1) / 2) / (n₁ n₂), where
    the n₁ images with the attribute have the sum of ranks R (Hanley & McNeil, Radiology 143, 1982).

    Args:
        vectors: as `attribute_vectors` returns them.
        z_mean: float32 (M, latent_dim) of other images.
        attributes: M rows of booleans, the same columns.

    Returns:
        float64, one value per row of `vectors`.
    """
    directions = np.array(vectors["vector"].tolist(), np.float32).reshape(-1, z_mean.shape[1])
    # Images with equal scores share the mean of their ranks; a score that is no number has none.
    ranks = pd.DataFrame(z_mean @ directions.T).rank().to_numpy()
    has = attributes[list(vectors["attribute"])].to_numpy(dtype=bool)
    count_with = has.sum(axis=0)
    pairs = count_with * (len(has) - count_with)
    with np.errstate(invalid="ignore", divide="ignore"):
        ahead = (ranks * has).sum(axis=0) - count_with * (count_with + 1) / 2
        aucs: NDArray[np.float64] = np.where(pairs > 0, ahead / pairs, np.nan)
    return aucs


def find_attribute_vectors(embeddings: Path, dataset: Path) -> pd.DataFrame:
    """Return the vectors of the training images' attributes, and how well they order the test ones.

    Args:
        embeddings: folder of `train_z_mean.npy` and `test_z_mean.npy`.
        dataset: folder of the processed data set, whose tables hold the attributes.

    Returns:
        What `attribute_vectors` returns, with a column `auc` from `attribute_aucs` before `vector`.

    Raises:
        InputError: a file cannot be read, or embeddings and tables differ in length.
    """
    z_mean, attributes = {}, {}
    for split in SPLITS:
        z_mean[split] = read_array(embeddings / f"{split}_z_mean.npy")
        attributes[split] = read_table(dataset / f"{split}.parquet").select_dtypes(bool)
        if len(z_mean[split]) != len(attributes[split]):
            raise InputError(
                f"{embeddings}: {len(z_mean[split])} embeddings for {len(attributes[split])} rows "
                f"of {dataset / split}.parquet"
            )
    if attributes["train"].empty:
        log.warning("the images of %s have no attributes, so there are no vectors of any", dataset)
    # Matrix products split their sums by the number of threads. These are too small for a second
    # thread to pay off.
    with threadpool_limits(1):
        vectors = attribute_vectors(z_mean["train"], attributes["train"])
        aucs = attribute_aucs(vectors, z_mean["test"], attributes["test"])
    vectors.insert(list(vectors.columns).index("vector"), "auc", aucs)
    return vectors


def write_vectors(vectors: pd.DataFrame, folder: Path) -> None:
    """Make `folder` with `attribute_vectors.parquet`, and all but the vectors as CSV to be read."""
    with whole_folder(folder) as temporary:
        vectors.to_parquet(temporary / "attribute_vectors.parquet", index=False)
        table = vectors.drop(columns="vector")
        table.to_csv(temporary / "attribute_vectors.csv", index=False)


def vector_metrics(vectors: pd.DataFrame) -> dict[str, float]:
    """Return `auc/<attribute>` for each attribute that has one, and their mean as `auc/mean`."""
    aucs = vectors.set_index("attribute")["auc"].dropna()
    if aucs.empty:
        return {}
    return {"auc/mean": float(aucs.mean())} | {f"auc/{name}": auc for name, auc in aucs.items()}
