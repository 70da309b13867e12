"""Attribute vectors: directions of a latent space along which an attribute increases.

Each vector is the difference between the mean embeddings of the images with and without the
attribute. Source: D. Foster, Generative Deep Learning, 2nd ed., O'Reilly 2023, chapter 3.
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

CHUNK = 1024  # rows per step: they fit into the CPU's cache, and bound the memory


def attribute_vectors(z_mean: NDArray[np.float32], attributes: pd.DataFrame) -> pd.DataFrame:
    """Compute the vector of each attribute: mean z_mean with it minus mean z_mean without it.

    The means are computed in float64, in one pass over z_mean. If all images have an attribute, or
    none has it, its vector is NaN.

    Args:
        z_mean: float32 (N, latent_dim), an array or a memory map.
        attributes: boolean table of N rows, a column per attribute.

    Returns:
        A row per attribute, in the order of the columns: `attribute`; `with` and `without`, the
        number of images that have it or not; `norm`, the length of the vector, float64; `vector`,
        float32 (latent_dim,).
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
    """Compute how well z_mean · v separates images with and without each attribute, as an AUC.

    The area under the ROC curve is 1 if all images with the attribute have a larger z_mean · v than
    all others, and 0.5 for random guessing. It is the Mann-Whitney statistic, computed from the
    ranks of all images: (R − n₁(n₁ + 1) / 2) / (n₁ n₂), where R is the sum of the ranks of the n₁
    images with the attribute, and n₂ is the number of images without it (Hanley & McNeil, Radiology
    143, 1982).

    Args:
        vectors: table from `attribute_vectors`.
        z_mean: float32 (M, latent_dim), of images that the vectors were not computed from.
        attributes: boolean table of M rows with the same columns.

    Returns:
        float64, one value per row of `vectors`. NaN if the vector is NaN, or if all images have the
        attribute or none has it.
    """
    directions = np.array(vectors["vector"].tolist(), np.float32).reshape(-1, z_mean.shape[1])
    # Images with equal scores have the mean of their ranks. A NaN score has a NaN rank.
    ranks = pd.DataFrame(z_mean @ directions.T).rank().to_numpy()
    has = attributes[list(vectors["attribute"])].to_numpy(dtype=bool)
    count_with = has.sum(axis=0)
    pairs = count_with * (len(has) - count_with)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = (ranks * has).sum(axis=0) - count_with * (count_with + 1) / 2
        aucs: NDArray[np.float64] = np.where(pairs > 0, statistic / pairs, np.nan)
    return aucs


def find_attribute_vectors(embeddings: Path, dataset: Path) -> pd.DataFrame:
    """Compute attribute vectors from the training images, and their AUCs on the test images.

    Args:
        embeddings: folder with `train_z_mean.npy` and `test_z_mean.npy`.
        dataset: folder of the processed dataset, whose tables contain the attributes.

    Returns:
        The table of `attribute_vectors`, with a column `auc` from `attribute_aucs` before `vector`.

    Raises:
        InputError: a file is missing or damaged, or embeddings and table differ in length.
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
        log.warning("%s: the images have no attributes, so there are no attribute vectors", dataset)
    # The number of threads changes the rounding of matrix products. These products are too small to
    # be faster with a second thread.
    with threadpool_limits(1):
        vectors = attribute_vectors(z_mean["train"], attributes["train"])
        aucs = attribute_aucs(vectors, z_mean["test"], attributes["test"])
    vectors.insert(list(vectors.columns).index("vector"), "auc", aucs)
    return vectors


def write_vectors(vectors: pd.DataFrame, folder: Path) -> None:
    """Write `folder` with `attribute_vectors.parquet`, and as CSV without the vectors."""
    with whole_folder(folder) as temporary:
        vectors.to_parquet(temporary / "attribute_vectors.parquet", index=False)
        table = vectors.drop(columns="vector")
        table.to_csv(temporary / "attribute_vectors.csv", index=False)


def vector_metrics(vectors: pd.DataFrame) -> dict[str, float]:
    """Return `auc/<attribute>` for each attribute with an AUC, and their mean as `mean_auc`.

    Names of attributes occur only after `auc/`, so an attribute may have any name, such as "mean".
    """
    aucs = vectors.set_index("attribute")["auc"].dropna()
    if aucs.empty:
        return {}
    return {"mean_auc": float(aucs.mean())} | {f"auc/{name}": auc for name, auc in aucs.items()}
