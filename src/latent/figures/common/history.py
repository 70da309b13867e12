"""The training history from which figures are drawn."""

from pathlib import Path

import numpy as np
import pandas as pd

from latent.errors import InputError


def read_history(path: Path) -> pd.DataFrame:
    """Return the history of a training: `epoch` and the losses, a row per epoch.

    Raises:
        InputError: the file is missing or damaged, has no rows, or contains a value that is not
            finite.
    """
    try:
        history = pd.read_csv(path)
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise InputError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    numbers = history.select_dtypes("number")
    # If the file has no rows, pandas does not read the columns as numbers either.
    if numbers.shape != history.shape or not np.isfinite(numbers.to_numpy()).all():
        raise InputError(f"{path}: must contain finite numbers only, in one row per epoch")
    return history
