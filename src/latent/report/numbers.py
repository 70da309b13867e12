"""Metrics as the stages left them, read and checked."""

import csv
import math
from pathlib import Path
from typing import Any

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from latent.errors import InputError
from latent.io.paths import ModelPaths

UNITS = ("nats", "bits")
COUNTS = tuple(
    f"parameters/{part}"
    for part in ("encoder", "encoder_not_trainable", "decoder", "decoder_not_trainable")
)
LOSSES = ("train/loss", "test/loss", "test/reconstruction_nats")
VAE_LOSSES = (
    *(
        f"{split}/{term}"
        for split in ("train", "test")
        for term in ("reconstruction_loss", "kl_loss")
    ),
    "test/elbo_nats",
    "beta",
)
EVALUATION = tuple(
    f"evaluate/{name}"
    for name in (
        *(f"{name}_{unit}" for name in ("reconstruction", "bce", "bce_floor") for unit in UNITS),
        *("latent_dim", "active_units", "unlike_prior", "kolmogorov_max", "mean_abs_max"),
        *("std_min", "std_max"),
    )
)
VAE_EVALUATION = (
    *(
        f"evaluate/{name}_{unit}"
        for name in ("kl", "elbo", "elbo_weighted", "importance", "importance_elbo")
        for unit in UNITS
    ),
    "evaluate/beta",
)
EMBEDDING = ("embedding/mean_norm", "embedding/std", "embedding/abs_max")

Numbers = dict[str, float]
SmallestAlphas = dict[str, dict[str, float]]
FINITE: TypeAdapter[Numbers] = TypeAdapter(dict[str, FiniteFloat])


def read_numbers(path: Path, needed: tuple[str, ...]) -> Numbers:
    """Return the content of a metrics file.

    Raises:
        InputError: the file is missing, is no flat JSON of finite numbers, or lacks a `needed` one.
    """
    try:
        numbers = FINITE.validate_json(read_text(path))
    except ValidationError as error:
        raise InputError(f"{path}: {explain(error)}") from None
    for key in needed:
        if key not in numbers:
            raise InputError(f"{path}: has no {key!r}")
    return numbers


def read_evaluation(paths: ModelPaths) -> Numbers:
    """Return what was measured of a model on test images, its attribute edits included.

    Raises:
        InputError: a file is missing or damaged.
    """
    of_vae = VAE_EVALUATION if paths.name.startswith("vae") else ()
    numbers = read_numbers(paths.evaluation_metrics, (*EVALUATION, *of_vae))
    if paths.dataset.name == "faces":
        numbers |= read_numbers(paths.edit_metrics, ())
    return numbers


def read_unlike_prior(path: Path) -> list[str]:
    """Return the numbers of the latent dimensions that differ from N(0, 1).

    Args:
        path: of dimensions.csv, as `latent.evaluate.posterior.dimension_table` has it.

    Raises:
        InputError: the file is missing or is no such table.
    """
    rows = csv.DictReader(read_text(path).splitlines())
    try:
        return [row["dimension"] for row in rows if row["unlike_prior"] == "True"]
    except KeyError as error:
        raise InputError(f"{path}: has no column {error}") from None


def read_smallest_alphas(path: Path) -> SmallestAlphas:
    """Return the α that gives (`adds`) and takes (`removes`) each attribute, along its own vector.

    It is infinite where none of those tried does, and missing where there were too few images.

    Args:
        path: of smallest_alpha.csv, as `latent.evaluate_edits.measure.find_smallest_alphas` has it.

    Raises:
        InputError: the file is missing or is no such table.
    """
    reach: SmallestAlphas = {}
    try:
        for row in csv.DictReader(read_text(path).splitlines()):
            if row["vectors"] == "means":
                alphas = reach.setdefault(row["attribute"], {})
                if row["tried"] == "True":
                    alphas[row["direction"]] = float(row["alpha"] or math.inf)
    except KeyError as error:
        raise InputError(f"{path}: has no column {error}") from None
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None
    return reach


def read_attributes(path: Path) -> Numbers:
    """Return the AUC of each attribute that has one, their mean as `mean`.

    Raises:
        InputError: the file is missing or damaged.
    """
    return {key.removeprefix("auc/"): value for key, value in read_numbers(path, ()).items()}


def read_text(path: Path) -> str:
    """Return the text in a file.

    Raises:
        InputError: the file is missing or is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def explain(error: ValidationError) -> str:
    """Return what is wrong with a file, in one line."""
    problem: Any = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    return " ".join(f"{where}: {problem['msg']}".removeprefix(": ").split())
