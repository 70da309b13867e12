"""params.yaml as a typed model, read and checked before any work starts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from latent.errors import InputError
from latent.params.data import (
    Download,
    DownloadFaces,
    DownloadFashion,
    FacesFolder,
    FacesSample,
    FashionFolder,
    FashionSample,
    Preprocess,
    PreprocessFaces,
    PreprocessFashion,
)
from latent.params.results import (
    ChapterFigures,
    Embed,
    Evaluate,
    EvaluateEdits,
    FacesFigures,
    Figures,
    PlaneFigures,
)
from latent.params.section import Count, Section
from latent.params.sides import FASHION_SIDE, padding_problem, size_problem
from latent.params.training import (
    Architecture,
    TrainAE,
    TrainAEs,
    TrainClassifier,
    TrainClassifiers,
    TrainDenoisingAE,
    TrainVAE,
    TrainVAEs,
)

__all__ = [
    "Architecture",
    "ChapterFigures",
    "DownloadFaces",
    "DownloadFashion",
    "Evaluate",
    "EvaluateEdits",
    "FacesFigures",
    "FacesFolder",
    "FacesSample",
    "FashionFolder",
    "FashionSample",
    "Params",
    "PlaneFigures",
    "PreprocessFaces",
    "PreprocessFashion",
    "Tracking",
    "TrainAE",
    "TrainClassifier",
    "TrainDenoisingAE",
    "TrainVAE",
    "load_params",
]


class Runtime(Section):
    """Settings of the machine that affect results."""

    threads: Annotated[int, Field(ge=1, le=1024)]


class Tracking(Section):
    """How a stage handles an MLflow store that fails or is slow."""

    on_error: Literal["warn", "fail"]
    patience: Annotated[float, Field(gt=0, le=3600)]


class Checkpoint(Section):
    """How often a training saves a checkpoint, from which it can continue after a kill."""

    epochs: Count


class Params(Section):
    """All of params.yaml."""

    runtime: Runtime
    tracking: Tracking
    checkpoint: Checkpoint
    download: Download
    preprocess: Preprocess
    train_ae: TrainAEs
    train_vae: TrainVAEs
    train_classifier: TrainClassifiers
    embed: Embed
    evaluate: Evaluate
    evaluate_edits: EvaluateEdits
    figures: Figures

    @property
    def fashion_halvings(self) -> int:
        """Number of times that the networks for Fashion-MNIST halve an image."""
        networks = (self.train_ae.fashion, self.train_vae.fashion)
        return max(len(network.filters) for network in networks)

    @model_validator(mode="after")
    def images_can_be_halved(self) -> Self:
        """Raise ValueError if a network cannot halve its images once per entry of its filters."""
        size, padding = self.preprocess.faces.image_size, self.preprocess.fashion.padding
        found = {
            f"preprocess.faces.image_size is {size}": size_problem(
                size, len(self.train_vae.faces.filters)
            )
        }
        if self.download.fashion.source != "folder":
            found[f"preprocess.fashion.padding is {padding}"] = padding_problem(
                (FASHION_SIDE, FASHION_SIDE), padding, self.fashion_halvings
            )
        if problems := [f"{where}: {problem}" for where, problem in found.items() if problem]:
            raise ValueError("; ".join(problems))
        return self

    @property
    def folder_size_problem(self) -> str | None:
        """Why the networks cannot halve images from folders of classes; None if they can.

        `load_params` does not check this, because IDX files in `download.fashion.folder.location`
        have their own size.
        """
        size = self.download.fashion.folder.size
        problem = padding_problem(
            (size, size), self.preprocess.fashion.padding, self.fashion_halvings
        )
        return problem and f"download.fashion.folder.size is {size}: {problem}"

    def select(self, *sections: str) -> dict[str, Any]:
        """Return the values of the named sections, such as "train_vae.faces", by dotted key."""
        prefixes = tuple(f"{section}." for section in sections)
        values = _flatten(self.model_dump())
        return {key: value for key, value in values if key.startswith(prefixes)}


def load_params(path: Path) -> Params:
    """Read and check the parameters in the YAML file `path`.

    Raises:
        InputError: the file is missing or is not YAML, or a key is unknown, is missing, has a wrong
            type or a value out of range. The message names all such keys, with their values and
            what is allowed. Or values that are allowed on their own do not fit together.
    """
    try:
        # DVC also uses ruamel.yaml (YAML 1.2). PyYAML (YAML 1.1) reads the 1e-05 that DVC writes as
        # a string.
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    except (YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        raise InputError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(_explain(dict(problem)) for problem in error.errors())
        raise InputError(f"{path.name}: {' '.join(problems.split())}") from None


def _explain(problem: dict[str, Any]) -> str:
    """Return the message for one of pydantic's validation errors."""
    key = ".".join(str(part) for part in problem["loc"]) or "the file"
    match problem["type"]:
        case "extra_forbidden":
            return f"{key} is not a parameter"
        case "missing":
            return f"{key} is missing"
        case "value_error":
            return (
                f"{key}: {problem['ctx']['error']}"
                if problem["loc"]
                else str(problem["ctx"]["error"])
            )
        case _:
            return f"{key} is {problem['input']!r}: {problem['msg']}"


def _flatten(content: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys and values of nested dictionaries."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
