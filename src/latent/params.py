"""params.yaml as a typed model: read once, checked before any work starts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from latent.errors import InputError

Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
# The noise of an epoch is counted in 12 of 32 bits, of which the last number is held-out images'.
Epochs = Annotated[int, Field(ge=1, le=4095)]
LayerName = Literal["conv", "batch_norm", "relu", "leaky_relu"]
LossName = Literal["bce", "mse"]


class Section(BaseModel):
    """A mapping of params.yaml: no unknown keys, no conversion of types, no change once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def __getitem__(self, name: str) -> Any:
        """Return the value under `name`; raise InputError where there is none."""
        if name not in type(self).model_fields:
            allowed = ", ".join(type(self).model_fields)
            raise InputError(f"{type(self).__name__} has nothing named {name!r}: {allowed}")
        return getattr(self, name)


class Runtime(Section):
    """Settings of the machine that results depend on."""

    threads: Annotated[int, Field(ge=1, le=1024)]


class Tracking(Section):
    """How a stage meets MLflow."""

    on_error: Literal["warn", "fail"]
    patience: Annotated[float, Field(gt=0, le=3600)]


class Checkpoint(Section):
    """How often a training keeps what it needs to go on after it was killed."""

    epochs: Count


class FashionSample(Section):
    """How many garments are drawn."""

    train_images: Count
    test_images: Count
    seed: Seed


class FashionFolder(Section):
    """Garments of the user's own."""

    location: Name
    size: Annotated[int, Field(ge=1, le=512)]
    test_fraction: Annotated[float, Field(gt=0, lt=1)]
    max_bad_fraction: Annotated[float, Field(ge=0, le=1)]
    seed: Seed


class DownloadFashion(Section):
    """Where the garments come from."""

    source: Literal["sample", "fashion_mnist", "folder"]
    location: Name
    folder: FashionFolder
    sample: FashionSample


class FacesSample(Section):
    """How many faces are drawn."""

    images: Annotated[int, Field(ge=10, le=999_999)]
    seed: Seed


class FacesFolder(Section):
    """Faces of the user's own."""

    location: Name
    test_fraction: Annotated[float, Field(gt=0, lt=1)]
    seed: Seed


class DownloadFaces(Section):
    """Where the faces come from."""

    source: Literal["sample", "kaggle", "archive", "folder"]
    dataset: str
    location: Name | None
    folder: FacesFolder
    sample: FacesSample

    @field_validator("dataset")
    @classmethod
    def dataset_is_one_of_kaggle(cls, dataset: str) -> str:
        """Raise ValueError where it can be no data set's name."""
        if not re.fullmatch(r"[\w-]+/[\w-]+(/\d+)?", dataset, re.ASCII):
            raise ValueError(f"{dataset!r} must be owner/name or owner/name/version, as in Kaggle")
        return dataset

    @model_validator(mode="after")
    def archive_has_a_location(self) -> Self:
        """Raise ValueError where an archive is asked for and none is named."""
        if self.source == "archive" and self.location is None:
            raise ValueError("source archive needs location, the path of a zip file or a folder")
        return self


class PreprocessFashion(Section):
    """How garments become arrays."""

    padding: Annotated[int, Field(ge=0, le=128)]


class PreprocessFaces(Section):
    """How faces become arrays."""

    image_size: Annotated[int, Field(ge=8, le=512)]
    fit: Literal["stretch", "crop", "pad"]
    max_bad_fraction: Annotated[float, Field(ge=0, le=1)]


class Architecture(Section):
    """The layers of an encoder and of the decoder that mirrors it."""

    filters: Annotated[list[Count], Field(min_length=1, max_length=8)]
    block: list[LayerName]
    dense_block: list[Literal["batch_norm", "relu", "leaky_relu"]]
    output: Literal["conv", "conv_transpose"]
    latent_dim: Count
    precision: Literal["float32", "bfloat16"]

    @model_validator(mode="after")
    def one_convolution_per_block(self) -> Self:
        """Raise ValueError where a block does not halve the image exactly once."""
        if self.block.count("conv") != 1:
            raise ValueError(f"block must name conv exactly once, not {self.block}")
        return self


class TrainAE(Architecture):
    """An autoencoder and its training."""

    loss: LossName
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    batch_size: Count
    epochs: Epochs
    samples: Count
    seed: Seed


class TrainVAE(TrainAE):
    """A variational autoencoder and its training."""

    reconstruction_weight: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Embed(Section):
    """How images go through an encoder."""

    batch_size: Count


class PlaneFigures(Section):
    """Figures of a two-dimensional latent space."""

    embedded: Count
    generated: Count
    grid: Annotated[int, Field(ge=2, le=100)]
    seed: Seed


class FacesFigures(Section):
    """Figures of the faces' latent space."""

    reconstructed: Count
    histograms: Count
    generated: Count
    attributes: Annotated[list[Name], Field(min_length=1)]
    factors: Annotated[list[FiniteFloat], Field(min_length=1)]
    edited: Count
    morph_steps: Annotated[int, Field(ge=2)]
    seed: Seed


class ChapterFigures(Section):
    """Figures that belong to no single model."""

    embedded: Count


class Download(Section):
    """One section per data set."""

    fashion: DownloadFashion
    faces: DownloadFaces


class Preprocess(Section):
    """One section per data set."""

    fashion: PreprocessFashion
    faces: PreprocessFaces


class TrainAEs(Section):
    """One section per data set."""

    fashion: TrainAE


class TrainVAEs(Section):
    """One section per data set."""

    fashion: TrainVAE
    faces: TrainVAE


class Figures(Section):
    """One section per model, and one for what belongs to no single model."""

    ae_fashion: PlaneFigures
    vae_fashion: PlaneFigures
    vae_faces: FacesFigures
    chapter: ChapterFigures


class Params(Section):
    """All of params.yaml."""

    runtime: Runtime
    tracking: Tracking
    checkpoint: Checkpoint
    download: Download
    preprocess: Preprocess
    train_ae: TrainAEs
    train_vae: TrainVAEs
    embed: Embed
    figures: Figures

    def select(self, *sections: str) -> dict[str, Any]:
        """Return the values in the named sections ("train_vae.faces") under their dotted keys."""
        everything = dict(_leaves(self.model_dump()))
        prefixes = tuple(f"{section}." for section in sections)
        return {key: value for key, value in everything.items() if key.startswith(prefixes)}


def load_params(path: Path) -> Params:
    """Read and check the parameters in the YAML file `path`.

    Raises:
        InputError: the file is missing or is no YAML, or a key is unknown, is missing, has the
            wrong type or a value out of range; the message names the key, its value and what is
            allowed.
    """
    try:
        # As DVC reads the file: in PyYAML's older YAML, the 1e-05 that DVC writes is a text.
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    except (YAMLError, ValueError) as error:  # the latter of dates that do not exist
        raise InputError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(_explain(dict(problem)) for problem in error.errors())
        raise InputError(f"{path.name}: {' '.join(problems.split())}") from None


def _explain(problem: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the file"
    match problem["type"]:
        case "extra_forbidden":
            return f"{key} is not a parameter"
        case "missing":
            return f"{key} is missing"
        case "value_error":
            return f"{key}: {problem['ctx']['error']}"
        case _:
            return f"{key} is {problem['input']!r}: {problem['msg']}"


def _leaves(content: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
