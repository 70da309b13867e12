"""Precision, recall, density and coverage of generated images, in a space of features.

Each point of a set has a ball that extends to its k-th nearest neighbour in the set. The union of
the balls is the manifold of the set. Precision and recall: Kynkäänniemi et al., Improved precision
and recall metric for assessing generative models, arXiv:1904.06991. Density and coverage, which are
less sensitive to outliers among the real images: Naeem et al., Reliable fidelity and diversity
metrics for generative models, arXiv:2002.09797.

Distances are sums of squared differences of coordinates. They are exactly 0 between equal points,
and they do not depend on the number of threads. (The authors' package, prdc, holds all distances in
memory at once and uses eight threads.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_chunked

WORKING_MEMORY = 32  # MiB of distances in memory at a time

Features = NDArray[np.float32]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Manifold:
    """The manifold of a set of points: a ball around each point.

    Attributes:
        points: centres of the balls, float32 (N, F).
        radii: squared radii of the balls, float64 (N,).
        neighbours: k.
    """

    points: Features
    radii: Array
    neighbours: int


class Comparison(NamedTuple):
    """Measures that compare samples with real points.

    Attributes:
        precision: share of the samples that are on the manifold of the real points.
        recall: share of the real points that are on the manifold of the samples.
        density: mean number of real balls that contain a sample, divided by k. The expected value
            for real points is 1; larger values are possible.
        coverage: share of the real balls that contain a sample. The expected value for real points
            is about 1 − 2^−k.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def find_manifold(points: Features, neighbours: int) -> Manifold:
    """Return the manifold of a set of points.

    Args:
        points: float32 (N, F).
        neighbours: k; a point is not a neighbour of itself.

    Raises:
        ValueError: there are not more than k points.
    """
    if len(points) <= neighbours:
        raise ValueError(f"{len(points)} points are too few for {neighbours} neighbours")
    # The smallest distance in each row is 0, from the point to itself.
    radii = [
        np.partition(rows, neighbours, axis=1)[:, neighbours]
        for rows in _squared_distances(points, points)
    ]
    return Manifold(points, np.concatenate(radii), neighbours)


def compare(real: Manifold, samples: Manifold) -> Comparison:
    """Compare samples with real points.

    All four measures depend on the number of points and on k. Both manifolds must have the same k,
    and should have about the same number of points.
    """
    on_real = np.zeros(len(samples.points), bool)
    recalled = covered = in_balls = start = 0
    for rows in _squared_distances(real.points, samples.points):
        inside = rows <= real.radii[start : start + len(rows), np.newaxis]
        start += len(rows)
        on_real |= inside.any(axis=0)
        in_balls += int(inside.sum())
        covered += int(inside.any(axis=1).sum())
        recalled += int((rows <= samples.radii).any(axis=1).sum())
    return Comparison(
        precision=float(on_real.mean()),
        recall=recalled / len(real.points),
        density=in_balls / (real.neighbours * len(samples.points)),
        coverage=covered / len(real.points),
    )


def _squared_distances(a: Features, b: Features) -> Iterator[Array]:
    """Yield the squared distances between two sets, (len(a), len(b)), in chunks of rows."""
    # SciPy would convert the points to float64 for each chunk.
    pairs = a.astype(np.float64), b.astype(np.float64)
    chunks: Iterator[Array] = pairwise_distances_chunked(
        *pairs, metric="sqeuclidean", working_memory=WORKING_MEMORY
    )
    return chunks
