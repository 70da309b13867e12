"""Sections of params.yaml for the stages download and preprocess."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from latent.params.section import Count, Name, Section, Seed
from latent.params.sides import MAX_PADDING, SIZES


class FashionSample(Section):
    """The synthetic sample in the format of Fashion-MNIST."""

    train_images: Count
    test_images: Count
    seed: Seed


def _is_encoding(name: str) -> str:
    try:
        b"a".decode(name)
    except (LookupError, ValueError):
        raise ValueError(
            f"{name!r} is not an encoding of Python, such as cp850, gbk or shift_jis"
        ) from None
    return name


Encoding = Annotated[str, AfterValidator(_is_encoding)]


class FashionFolder(Section):
    """User-supplied grey images with classes."""

    location: Name
    zip_encoding: Encoding | None
    size: Annotated[int, Field(ge=1, le=512)]
    test_fraction: Annotated[float, Field(gt=0, lt=1)]
    max_bad_fraction: Annotated[float, Field(ge=0, le=1)]
    seed: Seed


class DownloadFashion(Section):
    """The source of the dataset `fashion`."""

    source: Literal["sample", "fashion_mnist", "folder"]
    location: Name
    folder: FashionFolder
    sample: FashionSample


class FacesSample(Section):
    """The synthetic sample of faces, in the format of CelebA."""

    images: Annotated[int, Field(ge=10, le=999_999)]
    seed: Seed


class FacesFolder(Section):
    """User-supplied colour images, with or without attributes."""

    location: Name
    zip_encoding: Encoding | None
    test_fraction: Annotated[float, Field(gt=0, lt=1)]
    seed: Seed


class DownloadFaces(Section):
    """The source of the dataset `faces`."""

    source: Literal["sample", "kaggle", "archive", "folder"]
    dataset: str
    location: Name | None
    folder: FacesFolder
    sample: FacesSample

    @field_validator("dataset")
    @classmethod
    def dataset_is_a_kaggle_name(cls, dataset: str) -> str:
        """Raise ValueError if `dataset` is not a valid name of a Kaggle dataset."""
        if not re.fullmatch(r"[\w-]+/[\w-]+(/\d+)?", dataset, re.ASCII):
            raise ValueError(f"{dataset!r} must be owner/name or owner/name/version, as on Kaggle")
        return dataset

    @model_validator(mode="after")
    def archive_has_a_location(self) -> Self:
        """Raise ValueError if the source is an archive without a location."""
        if self.source == "archive" and self.location is None:
            raise ValueError("source archive needs location, the path of a zip file or a folder")
        return self


class Download(Section):
    """One section per dataset."""

    fashion: DownloadFashion
    faces: DownloadFaces


class PreprocessFashion(Section):
    """How the images of `fashion` are converted to arrays."""

    padding: Annotated[int, Field(ge=0, le=MAX_PADDING)]


class PreprocessFaces(Section):
    """How the images of `faces` are converted to arrays."""

    image_size: Annotated[int, Field(ge=SIZES[0], le=SIZES[-1])]
    fit: Literal["stretch", "crop", "pad"]
    max_bad_fraction: Annotated[float, Field(ge=0, le=1)]


class Preprocess(Section):
    """One section per dataset."""

    fashion: PreprocessFashion
    faces: PreprocessFaces
