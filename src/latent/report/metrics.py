"""Read and check the metrics that the stages have written."""

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

Metrics = dict[str, float]
SmallestAlphas = dict[str, dict[str, float]]
FINITE_METRICS: TypeAdapter[Metrics] = TypeAdapter(dict[str, FiniteFloat])


def read_metrics(path: Path, required: tuple[str, ...]) -> Metrics:
    """Return the content of a metrics file.

    Raises:
        InputError: the file is missing, is not a flat JSON object of finite numbers, or lacks one
            of the `required` keys.
    """
    try:
        metrics = FINITE_METRICS.validate_json(read_text(path))
    except ValidationError as error:
        raise InputError(f"{path}: {first_problem(error)}") from None
    for key in required:
        if key not in metrics:
            raise InputError(f"{path}: has no {key!r}")
    return metrics


def read_evaluation(paths: ModelPaths) -> Metrics:
    """Return the metrics of a model on the test images, including those of its attribute edits.

    Raises:
        InputError: a file is missing or damaged.
    """
    vae_only = VAE_EVALUATION if paths.name.startswith("vae") else ()
    metrics = read_metrics(paths.evaluation_metrics, (*EVALUATION, *vae_only))
    if paths.dataset.name == "faces":
        metrics |= read_metrics(paths.edit_metrics, ())
    return metrics


def read_unlike_prior(path: Path) -> list[str]:
    """Return the numbers of the latent dimensions that differ from N(0, 1).

    Args:
        path: path of dimensions.csv, a table from `latent.evaluate.posterior.dimension_table`.

    Raises:
        InputError: the file is missing, or the table lacks a column.
    """
    rows = csv.DictReader(read_text(path).splitlines())
    try:
        return [row["dimension"] for row in rows if row["unlike_prior"] == "True"]
    except KeyError as error:
        raise InputError(f"{path}: has no column {error}") from None


def read_smallest_alphas(path: Path) -> SmallestAlphas:
    """Return the smallest α that adds (`adds`) and that removes (`removes`) each attribute.

    Edits are along the attribute vectors of the chapter, differences of means. The value is
    infinite if no tested α is sufficient, and missing if there are too few images to edit.

    Args:
        path: path of smallest_alpha.csv, a table from
            `latent.evaluate_edits.measure.find_smallest_alphas`.

    Raises:
        InputError: the file is missing, or the table lacks a column or has an invalid value.
    """
    smallest: SmallestAlphas = {}
    try:
        for row in csv.DictReader(read_text(path).splitlines()):
            if row["vectors"] == "means":
                alphas = smallest.setdefault(row["attribute"], {})
                if row["tried"] == "True":
                    alphas[row["direction"]] = float(row["alpha"] or math.inf)
    except KeyError as error:
        raise InputError(f"{path}: has no column {error}") from None
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None
    return smallest


def read_attributes(path: Path) -> Metrics:
    """Return the AUC of each attribute that has one.

    Raises:
        InputError: the file is missing or damaged.
    """
    return {
        key.removeprefix("auc/"): value
        for key, value in read_metrics(path, ()).items()
        if key.startswith("auc/")
    }


def read_text(path: Path) -> str:
    """Return the content of a text file.

    Raises:
        InputError: the file is missing or is not UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def first_problem(error: ValidationError) -> str:
    """Return the first problem of a file's content, in one line."""
    problem: Any = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    return " ".join(f"{where}: {problem['msg']}".removeprefix(": ").split())
