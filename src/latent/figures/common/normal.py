"""The standard normal distribution, elementwise: what a VAE's embeddings are pulled towards."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NORMAL = NormalDist()
_density = np.vectorize(_NORMAL.pdf, otypes=[np.float64])
_cumulative = np.vectorize(_NORMAL.cdf, otypes=[np.float64])
_quantile = np.vectorize(_NORMAL.inv_cdf, otypes=[np.float64])


def density(z: NDArray[np.floating]) -> Floats:
    """Return φ(z), float64 of the shape of z."""
    return np.asarray(_density(z))


def p_values(z: NDArray[np.floating]) -> Floats:
    """Return Φ(z), in [0, 1], float64 of the shape of z."""
    return np.asarray(_cumulative(z))


def quantiles(p: NDArray[np.floating]) -> Floats:
    """Return Φ⁻¹(p), float64 of the shape of p, which must lie between 0 and 1, both excluded."""
    return np.asarray(_quantile(p))
