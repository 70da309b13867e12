"""Precision, recall, density and coverage: how two sets of features lie among each other.

Around each point of a set, a ball reaches to its k-th nearest neighbour within the set; the balls
together are the set's manifold. Precision and recall: Kynkäänniemi et al., Improved precision and
recall metric for assessing generative models, arXiv:1904.06991. Density and coverage, which a few
outliers among the real images mislead less: Naeem et al., Reliable fidelity and diversity metrics
for generative models, arXiv:2002.09797.

Distances are sums of squared differences, coordinate by coordinate, so that a point's distance from
its equal is 0, and none depends on the number of threads. (The authors' package, prdc, holds all
distances at a time and runs eight threads.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_chunked

MEGABYTES = 32  # of distances in memory at a time

Features = NDArray[np.float32]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Manifold:
    """Points with a ball around each.

    Attributes:
        points: float32 (N, F).
        radii: float64 (N,), the balls' radii squared.
        neighbours: k, the neighbour that a ball reaches to.
    """

    points: Features
    radii: Array
    neighbours: int


class Comparison(NamedTuple):
    """How samples lie among real points.

    Attributes:
        precision: share of the samples on the real manifold.
        recall: share of the real points on the samples' manifold.
        density: in how many real balls a sample lies, over k: 1 is expected of real points, and it
            may be more.
        coverage: share of the real balls with a sample in them: 1 − 2^−k is about what real points
            have.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def find_manifold(points: Features, neighbours: int) -> Manifold:
    """Return the points with their balls, which reach to their k-th nearest neighbours.

    Args:
        points: float32 (N, F).
        neighbours: k; a point is none of its own.

    Raises:
        ValueError: no point has so many neighbours.
    """
    if len(points) <= neighbours:
        raise ValueError(f"{len(points)} points have no {neighbours} neighbours each")
    # The smallest distance in a row is the point's own, 0.
    radii = [
        np.partition(rows, neighbours, axis=1)[:, neighbours]
        for rows in _squared_distances(points, points)
    ]
    return Manifold(points, np.concatenate(radii), neighbours)


def compare(real: Manifold, samples: Manifold) -> Comparison:
    """Return how the samples lie among the real points.

    Both have the same number of neighbours, and should have about the same number of points, on
    which all four numbers depend.
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
    """Yield the squared distances between two sets, (len(a), len(b)), some rows at a time."""
    # float64 before: SciPy would do it once more for each chunk.
    pairs = a.astype(np.float64), b.astype(np.float64)
    chunks: Iterator[Array] = pairwise_distances_chunked(
        *pairs, metric="sqeuclidean", working_memory=MEGABYTES
    )
    return chunks
