"""What figures are drawn from, read and checked."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent.data.dataset import Split, read_array
from latent.errors import InputError


def read_points(path: Path, split: Split) -> NDArray[np.float32]:
    """Return the embeddings in an npy file, float32 (N, latent_dim), mapped from disk.

    Args:
        path: of the npy file.
        split: the N images that were embedded.

    Raises:
        InputError: the file is missing or damaged, has another number of rows than the split, or
            holds a value that is not finite.
    """
    points: NDArray[np.float32] = read_array(path)
    if len(points) != len(split.images):
        raise InputError(f"{path}: {len(points)} embeddings of {len(split.images)} images")
    if not np.isfinite(points).all():
        raise InputError(f"{path}: holds values that are not finite, so its model did not learn")
    return points
