"""Holes of a latent space: regions without embeddings, from which points may still be sampled.

A point is in a hole if its distance from the nearest embedding exceeds a radius: the 99th
percentile of the distances between each embedding and its nearest other embedding. The largest of
these distances would depend on outliers. With the percentile, 1 % of points that follow the
distribution of the embeddings are in a hole, whatever that distribution is. `EXPECTED` is therefore
the share in a space without holes.

The embedding of an image by a VAE is here a point sampled from the image's posterior, not z_mean,
because the decoder is trained on such points. In a collapsed latent space, for example, all z_mean
coincide, but the decoder has learnt the whole prior.

The measures suit one or two dimensions. In many dimensions all distances are similar.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from latent.evaluate.covariance import square_root
from latent.latent_space.sampling import sample_bounding_box, sample_prior

Points = NDArray[np.float32]
Labels = NDArray[np.integer]

PERCENTILE = 99.0
EXPECTED = 1 - PERCENTILE / 100
MAX_DIMENSIONS = 2


def hole_metrics(embeddings: Points, count: int, seed: int) -> dict[str, float]:
    """Return the share of sampled points that are in a hole, from 0 to 1.

    Args:
        embeddings: float32 (N, latent_dim), N > 1; for a VAE, sampled from the posteriors.
        count: number of points sampled from each distribution.
        seed: seed of the points.

    Returns:
        `holes/prior`, `holes/box` and `holes/gaussian`, one share for each distribution of
        `drawn_points`. `holes/radius`, in units of the latent space.
    """
    radius = hole_radius(embeddings)
    drawn = drawn_points(embeddings, count, seed)
    shares = {f"holes/{name}": hole_share(embeddings, drawn[name], radius) for name in drawn}
    return {**shares, "holes/radius": radius}


def class_table(embeddings: Points, labels: Labels, count: int, seed: int) -> pd.DataFrame:
    """Return the share of each class among the embeddings and among sampled points.

    Args:
        embeddings: float32 (N, latent_dim), N > 1; for a VAE, sampled from the posteriors.
        labels: int (N,), not negative.
        count: number of points sampled from each distribution.
        seed: seed of the points.

    Returns:
        A row per class that has an embedding: `label`; `images`, its share of the embeddings;
        `prior`, `box` and `gaussian`, its share of the points sampled from each distribution.
    """
    image_shares = np.bincount(labels) / len(labels)
    drawn = drawn_points(embeddings, count, seed)
    shares = {name: class_shares(embeddings, labels, points) for name, points in drawn.items()}
    table = pd.DataFrame({"label": range(len(image_shares)), "images": image_shares, **shares})
    return table[table["images"] > 0].reset_index(drop=True)


def class_metrics(classes: pd.DataFrame) -> dict[str, float]:
    """Return the class imbalance of the sampled points.

    Args:
        classes: table from `class_table`.

    Returns:
        `class_imbalance/prior`, `class_imbalance/box` and `class_imbalance/gaussian`: the total
        variation distance ½ Σ |p − q| between the class shares of the points and of the embeddings,
        from 0 to 1. It is the share of points that would have to change class to make them equal.
    """
    names = classes.columns.difference(["label", "images"], sort=False)
    return {
        f"class_imbalance/{name}": float(0.5 * (classes[name] - classes["images"]).abs().sum())
        for name in names
    }


def hole_radius(embeddings: Points) -> float:
    """Return the distance from the nearest embedding beyond which a point is in a hole.

    Args:
        embeddings: float32 (N, latent_dim), N > 1.
    """
    # The nearest neighbour of each embedding is the embedding itself.
    distances, _ = KDTree(embeddings).query(embeddings, k=2)
    return float(np.percentile(distances[:, 1], PERCENTILE))


def hole_share(embeddings: Points, drawn: Points, radius: float) -> float:
    """Return the share of points that are in a hole.

    Args:
        embeddings: float32 (N, latent_dim), N > 0.
        drawn: the points, float32 (M, latent_dim), M > 0.
        radius: radius from `hole_radius`.
    """
    distances, _ = KDTree(embeddings).query(drawn)
    return float(np.mean(distances > radius))


def drawn_points(embeddings: Points, count: int, seed: int) -> dict[str, Points]:
    """Sample points from each distribution that new images may be decoded from.

    Args:
        embeddings: float32 (N, latent_dim), N > 1.
        count: number of points per distribution.
        seed: seed of the points.

    Returns:
        float32 (count, latent_dim) for each distribution. `prior`: N(0, I), the standard choice for
        a VAE. `box`: uniform in the bounding box of the embeddings, the chapter's choice for an
        autoencoder. `gaussian`: the normal distribution with the mean and covariance of the
        embeddings, which treats both kinds of models equally.
    """
    noise = sample_prior(count, embeddings.shape[1], seed)
    points = embeddings.astype(np.float64)
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    return {
        "prior": noise,
        "box": sample_bounding_box(embeddings, count, seed),
        "gaussian": (points.mean(axis=0) + noise @ square_root(covariance)).astype(np.float32),
    }


def class_shares(embeddings: Points, labels: Labels, drawn: Points) -> NDArray[np.float64]:
    """Return the share of points that belong to each class.

    The class of a point is the class of the nearest embedding.

    Args:
        embeddings: float32 (N, latent_dim), N > 0.
        labels: int (N,), not negative.
        drawn: the points, float32 (M, latent_dim), M > 0.

    Returns:
        float64 (largest label + 1,), with sum 1.
    """
    _, nearest = KDTree(embeddings).query(drawn)
    counts = np.bincount(labels[nearest], minlength=int(labels.max()) + 1)
    return counts / len(drawn)
