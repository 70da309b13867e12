"""How far attribute vectors point the same way, and vectors to compare them with.

Attributes that go together in the images, as a beard goes with a man, have vectors that go together
in the latent space, so that an edit along one changes the other too. A set of vectors without that
is the orthonormal one nearest to the attributes' own directions (symmetric orthogonalisation: P.-O.
Löwdin, J. Chem. Phys. 18, 1950): each turns as little as all others allow.

Taking from each vector its projection onto the span of all others gives orthogonal vectors as well,
and is no use here: of hair colours, each of which is nearly what the others leave over, it leaves a
few hundredths, which are noise. `own_shares` says how much.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.latent_space.attribute_vectors import attribute_vectors

Vectors = NDArray[np.float32]

# Of the largest singular value: what is below is the rounding of float32.
RANK = 1e-6


def have_direction(vectors: Vectors) -> NDArray[np.bool_]:
    """Say of each vector, (A, latent_dim), whether it is longer than 0 and finite."""
    lengths = np.linalg.norm(vectors, axis=1)
    has: NDArray[np.bool_] = np.isfinite(lengths) & (lengths > 0)
    return has


def cosines(vectors: Vectors) -> NDArray[np.float64]:
    """Return the cosine of the angle between each two vectors: their entanglement.

    Args:
        vectors: float32 (A, latent_dim).

    Returns:
        float64 (A, A), symmetric, −1 to 1, with ones in the diagonal; the rows and columns of
        vectors without a direction are NaN.
    """
    has = have_direction(vectors)
    units = _units(vectors[has])
    found = np.full((len(vectors), len(vectors)), np.nan)
    found[np.ix_(has, has)] = np.clip(units @ units.T, -1, 1)
    return found


def orthogonal_vectors(vectors: Vectors) -> Vectors:
    """Return the orthonormal vectors that are nearest to the given ones, each made of length 1.

    U Vᵀ of the singular value decomposition U S Vᵀ of the unit vectors: no other orthonormal set
    has a smaller sum of squared distances to them. Vectors that depend on each other, as those of
    an attribute and its opposite or more of them than dimensions, cannot all be orthogonal: then
    it is the nearest set in the space that they span, in which equal vectors stay equal.

    Args:
        vectors: float32 (A, latent_dim), each with a direction.

    Returns:
        float32 (A, latent_dim), of length 1.
    """
    left, values, right = np.linalg.svd(_units(vectors), full_matrices=False)
    kept = values > RANK * values.max(initial=0)
    nearest = left[:, kept] @ right[kept]
    return _units(nearest).astype(np.float32)


def own_shares(vectors: Vectors) -> NDArray[np.float64]:
    """Return how much of each vector's length is outside of the span of all the others.

    Args:
        vectors: float32 (A, latent_dim), each with a direction.

    Returns:
        float64 (A,), from 0, where the others make it up, to 1, where they are orthogonal to it.
    """
    units = _units(vectors)
    left = []
    for row, unit in enumerate(units):
        others = np.delete(units, row, axis=0).T
        solution, *_ = np.linalg.lstsq(others, unit, rcond=RANK)
        left.append(np.linalg.norm(unit - others @ solution))
    return np.array(left)


def shuffled_vectors(z_mean: NDArray[np.float32], attributes: pd.DataFrame, seed: int) -> Vectors:
    """Return the vectors of attributes that say nothing of the images.

    The images' attributes are shuffled among the images. What an edit along such a vector does,
    any edit of that length does.

    Args:
        z_mean: float32 (N, latent_dim), an array or a memory map.
        attributes: N rows of booleans, a column per attribute.
        seed: of the order.

    Returns:
        float32 (A, latent_dim), a row per attribute.
    """
    order = np.random.default_rng(seed).permutation(len(attributes))
    vectors = attribute_vectors(z_mean, attributes.iloc[order])["vector"]
    return np.array(vectors.tolist(), np.float32).reshape(-1, z_mean.shape[1])


def _units(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    exact = vectors.astype(np.float64)
    units: NDArray[np.float64] = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    return units
