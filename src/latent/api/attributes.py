"""The attribute vectors of a model, found by the names of the attributes."""

import difflib
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import read_table
from latent.latent_space.arithmetic import has_direction

COLUMNS = ["attribute", "auc", "with", "without", "vector"]
SUGGESTED = 3  # names
LISTED = 200  # characters


def read_attributes(path: Path) -> pd.DataFrame:
    """Return the attribute vectors, the one with the highest AUC first.

    Args:
        path: Parquet file from `latent.latent_space.attribute_vectors.write_vectors`. If it does
            not exist, the table has no rows.

    Raises:
        InputError: the file is damaged.
    """
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    table = read_table(path)
    if missing := [name for name in COLUMNS if name not in table]:
        raise InputError(f"{path}: has no column {missing[0]!r}; run `dvc repro`")
    table = table[COLUMNS].sort_values("auc", ascending=False, kind="stable", ignore_index=True)
    vectors = [np.asarray(vector, np.float32) for vector in table["vector"]]
    return table.assign(vector=pd.Series(vectors, dtype=object))


def find_vector(attributes: pd.DataFrame, name: str) -> NDArray[np.float32]:
    """Return the vector of an attribute.

    Args:
        attributes: table from `read_attributes`.
        name: name of the attribute.

    Raises:
        InputError: there is no such attribute, or it has no vector.
    """
    if attributes.empty:
        raise InputError(f"{name}: the model has no attribute vectors")
    names = attributes["attribute"].tolist()
    if name not in names:
        raise InputError(f"{name}: not an attribute of the model; {_suggest(attributes, name)}")
    row = attributes.iloc[names.index(name)]
    vector: NDArray[np.float32] = row["vector"]
    if not has_direction(vector):
        reason = "the mean embeddings with it and without it are equal"
        if not row["with"]:
            reason = "no training image has it"
        elif not row["without"]:
            reason = "all training images have it"
        raise InputError(f"{name}: has no attribute vector, because {reason}")
    return vector


def check_factor(name: str, factor: float) -> float:
    """Return the factor α of an attribute as a float.

    Raises:
        InputError: α is not a finite number.
    """
    try:
        with np.errstate(over="ignore"):
            is_finite = np.isfinite(np.float32(factor))
    except (TypeError, ValueError):
        is_finite = False
    if not is_finite:
        raise InputError(f"{name}: α is {factor!r}; must be a finite number")
    return float(factor)


def _suggest(attributes: pd.DataFrame, name: str) -> str:
    names = {str(known).casefold(): str(known) for known in attributes["attribute"]}
    close = difflib.get_close_matches(str(name).casefold(), names, SUGGESTED)
    if close:
        return f"did you mean {' or '.join(names[key] for key in close)}?"
    listed = ", ".join(sorted(names.values()))
    return f"allowed are {textwrap.shorten(listed, LISTED, placeholder=' …')}"
