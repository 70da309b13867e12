"""Pairwise similarity of attribute vectors, and other vectors to compare them with.

If attributes occur together in the images, such as Male and Goatee, their vectors are similar, and
an edit along one changes the other attribute too. `orthogonal_vectors` returns vectors without this
similarity: the orthonormal vectors that are nearest to the attributes' own directions (symmetric
orthogonalisation: P.-O. Löwdin, J. Chem. Phys. 18, 1950). Each vector is changed as little as the
others allow.

Subtracting from each vector its projection onto the span of the others does not suit this purpose.
Each hair colour, for example, is nearly determined by the others: its remainder is a few hundredths
of its length, and mostly noise. `residual_norms` returns these lengths.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.latent_space.arithmetic import has_direction
from latent.latent_space.attribute_vectors import attribute_vectors

Vectors = NDArray[np.float32]

# Singular values below this fraction of the largest one are rounding errors of float32.
RANK_TOLERANCE = 1e-6


def cosine_similarities(vectors: Vectors) -> NDArray[np.float64]:
    """Return the pairwise cosine similarity of the vectors.

    Args:
        vectors: float32 (A, latent_dim).

    Returns:
        float64 (A, A), symmetric, from −1 to 1, with ones on the diagonal. Rows and columns of
        vectors without a direction are NaN.
    """
    has = has_direction(vectors)
    units = _units(vectors[has])
    similarities = np.full((len(vectors), len(vectors)), np.nan)
    similarities[np.ix_(has, has)] = np.clip(units @ units.T, -1, 1)
    return similarities


def orthogonal_vectors(vectors: Vectors) -> Vectors:
    """Return the orthonormal vectors that are nearest to the directions of the given vectors.

    They are U Vᵀ of the singular value decomposition U S Vᵀ of the unit vectors. No other
    orthonormal set has a smaller sum of squared distances to the unit vectors. Linearly dependent
    vectors, such as those of an attribute and its opposite, cannot all be orthogonal. U Vᵀ is then
    computed from the non-zero singular values only, and scaled to unit vectors. The result is in
    the span of the given vectors, and equal vectors stay equal.

    Args:
        vectors: float32 (A, latent_dim), each with a direction.

    Returns:
        Unit vectors, float32 (A, latent_dim).
    """
    left, values, right = np.linalg.svd(_units(vectors), full_matrices=False)
    kept = values > RANK_TOLERANCE * values.max(initial=0)
    nearest = left[:, kept] @ right[kept]
    return _units(nearest).astype(np.float32)


def residual_norms(vectors: Vectors) -> NDArray[np.float64]:
    """Return the length of each unit vector's component outside the span of the other vectors.

    Args:
        vectors: float32 (A, latent_dim), each with a direction.

    Returns:
        float64 (A,). 0 if the vector is a linear combination of the others, 1 if it is orthogonal
        to all of them.
    """
    units = _units(vectors)
    norms = []
    for row, unit in enumerate(units):
        others = np.delete(units, row, axis=0).T
        solution, *_ = np.linalg.lstsq(others, unit, rcond=RANK_TOLERANCE)
        norms.append(np.linalg.norm(unit - others @ solution))
    return np.array(norms)


def shuffled_vectors(z_mean: NDArray[np.float32], attributes: pd.DataFrame, seed: int) -> Vectors:
    """Return attribute vectors of randomly permuted attributes: a random baseline.

    The rows of the table are permuted, so the attributes are unrelated to the images. An edit along
    such a vector shows the effect of an edit of the same length in an arbitrary direction.

    Args:
        z_mean: float32 (N, latent_dim), an array or a memory map.
        attributes: boolean table of N rows, a column per attribute.
        seed: seed of the permutation.

    Returns:
        float32 (A, latent_dim), a row per attribute.
    """
    order = np.random.default_rng(seed).permutation(len(attributes))
    vectors = attribute_vectors(z_mean, attributes.iloc[order])["vector"]
    return np.array(vectors.tolist(), np.float32).reshape(-1, z_mean.shape[1])


def _units(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the vectors scaled to length 1, in float64."""
    exact = vectors.astype(np.float64)
    units: NDArray[np.float64] = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    return units
