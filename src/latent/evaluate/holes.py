"""Holes of a latent space: where points are drawn and no image ever led.

A point lies in a hole if its nearest embedding is farther away than embeddings are from each other:
than the 99th percentile of the distances from an embedding to its nearest other one. A percentile,
for the largest distance belongs to an outlier; this one, for points drawn from the embeddings' own
distribution lie beyond it in one of 100 cases, whatever that distribution is: `EXPECTED` is what a
space without holes shows.

Of a VAE, an embedding is a point drawn from the image's distribution, not z_mean, for such points
are what the decoder learnt from. In a collapsed space, say, all z_mean are one point and yet the
decoder knows its way everywhere. Distances in many dimensions are all alike, so this is for spaces
of one or two.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from latent.latent_space.sampling import sample_bounding_box, sample_prior

Points = NDArray[np.float32]
Labels = NDArray[np.integer]

PERCENTILE = 99.0
EXPECTED = 1 - PERCENTILE / 100
MOST_DIMENSIONS = 2


def hole_metrics(embeddings: Points, count: int, seed: int) -> dict[str, float]:
    """Return how much of a space's mass lies in holes, as shares from 0 to 1.

    Args:
        embeddings: float32 (N, latent_dim), N > 1; of a VAE drawn from the posteriors.
        count: points drawn in each way.
        seed: of the draws.

    Returns:
        `holes/prior`, `holes/box` and `holes/gaussian`, by where the points were drawn
        (`drawn_points`), and `holes/radius`, in units of the latent space.
    """
    radius = hole_radius(embeddings)
    drawn = drawn_points(embeddings, count, seed)
    shares = {f"holes/{way}": hole_share(embeddings, drawn[way], radius) for way in drawn}
    return {**shares, "holes/radius": radius}


def class_table(embeddings: Points, labels: Labels, count: int, seed: int) -> pd.DataFrame:
    """Return how much of a space belongs to each class.

    Args:
        embeddings: float32 (N, latent_dim), N > 1; of a VAE drawn from the posteriors.
        labels: (N,), of at least 0.
        count: points drawn in each way.
        seed: of the draws.

    Returns:
        A row for each class that has an embedding, with its share of the embeddings (`images`) and
        of the points drawn as `prior`, `box` and `gaussian`; `label`, its number, comes first.
    """
    of_images = np.bincount(labels) / len(labels)
    drawn = drawn_points(embeddings, count, seed)
    shares = {way: class_shares(embeddings, labels, points) for way, points in drawn.items()}
    table = pd.DataFrame({"label": range(len(of_images)), "images": of_images, **shares})
    return table[table["images"] > 0].reset_index(drop=True)


def class_metrics(classes: pd.DataFrame) -> dict[str, float]:
    """Return how far classes are favoured by where points are drawn.

    Args:
        classes: as `class_table` returns them.

    Returns:
        `class_imbalance/prior`, `class_imbalance/box` and `class_imbalance/gaussian`: the share of the points that would have
        to change class for each class to have its own share, ½ Σ |p − q| (total variation
        distance), from 0 to 1.
    """
    ways = classes.columns.difference(["label", "images"], sort=False)
    return {
        f"class_imbalance/{way}": float(0.5 * (classes[way] - classes["images"]).abs().sum())
        for way in ways
    }


def hole_radius(embeddings: Points) -> float:
    """Return how far embeddings are from each other: see above.

    Args:
        embeddings: float32 (N, latent_dim), N > 1.
    """
    distances, _ = KDTree(embeddings).query(embeddings, k=2)
    return float(np.percentile(distances[:, 1], PERCENTILE))


def hole_share(embeddings: Points, drawn: Points, radius: float) -> float:
    """Return the share of the points in `drawn`, (M, latent_dim), that lie in a hole."""
    distances, _ = KDTree(embeddings).query(drawn)
    return float(np.mean(distances > radius))


def drawn_points(embeddings: Points, count: int, seed: int) -> dict[str, Points]:
    """Return points drawn in each of the ways in which somebody might want new images.

    Args:
        embeddings: float32 (N, latent_dim), N > 1.
        count: how many points.
        seed: of the draws.

    Returns:
        float32 (count, latent_dim) each: `prior`, N(0, I), the way of a VAE; `box`, uniform in the
        embeddings' bounding box, the chapter's way with an autoencoder; `gaussian`, the normal
        distribution with the embeddings' mean and covariance, the fairest simple one to both.
    """
    noise = sample_prior(count, embeddings.shape[1], seed)
    points = embeddings.astype(np.float64)
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    # Not Cholesky's, which embeddings on a line have none of.
    variances, directions = np.linalg.eigh(covariance)
    root = directions * np.sqrt(np.maximum(variances, 0)) @ directions.T
    return {
        "prior": noise,
        "box": sample_bounding_box(embeddings, count, seed),
        "gaussian": (points.mean(axis=0) + noise @ root).astype(np.float32),
    }


def class_shares(embeddings: Points, labels: Labels, drawn: Points) -> NDArray[np.float64]:
    """Return each class's share of the points in `drawn`, by the class of the nearest embedding.

    Args:
        embeddings: float32 (N, latent_dim), N > 0.
        labels: (N,), of at least 0.
        drawn: float32 (M, latent_dim), M > 0.

    Returns:
        float64, as many as there are classes up to the last one of the labels; their sum is 1.
    """
    _, nearest = KDTree(embeddings).query(drawn)
    counts = np.bincount(labels[nearest], minlength=int(labels.max()) + 1)
    return counts / len(drawn)
