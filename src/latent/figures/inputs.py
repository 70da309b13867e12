"""What figures are drawn from, read and checked."""

from pathlib import Path

import numpy as np
import pandas as pd
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


def read_history(path: Path) -> pd.DataFrame:
    """Return the history of a training: `epoch` and the losses, a row per epoch.

    Raises:
        InputError: the file is missing or damaged, has no row, or holds a value that is not finite.
    """
    try:
        history = pd.read_csv(path)
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise InputError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    numbers = history.select_dtypes("number")
    # Columns without a value are no numbers to pandas.
    if numbers.shape != history.shape or not np.isfinite(numbers.to_numpy()).all():
        raise InputError(f"{path}: must hold finite numbers, a row per epoch")
    return history
