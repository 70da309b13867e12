"""Square roots of covariance matrices."""

import numpy as np
from numpy.typing import NDArray


def square_root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the symmetric square root of a covariance matrix.

    The matrix may be singular, for which a Cholesky decomposition does not exist. Eigenvalues that
    are negative because of rounding count as 0.

    Args:
        covariance: float64 (F, F), symmetric.
    """
    values, vectors = np.linalg.eigh(covariance)
    root: NDArray[np.float64] = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root
