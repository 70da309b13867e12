"""Sections of params.yaml on data: where it comes from, and the form that it gets."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from latent.params.section import Count, Name, Section, Seed


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


class Download(Section):
    """One section per data set."""

    fashion: DownloadFashion
    faces: DownloadFaces


class PreprocessFashion(Section):
    """How garments become arrays."""

    padding: Annotated[int, Field(ge=0, le=128)]


class PreprocessFaces(Section):
    """How faces become arrays."""

    image_size: Annotated[int, Field(ge=8, le=512)]
    fit: Literal["stretch", "crop", "pad"]
    max_bad_fraction: Annotated[float, Field(ge=0, le=1)]


class Preprocess(Section):
    """One section per data set."""

    fashion: PreprocessFashion
    faces: PreprocessFaces
