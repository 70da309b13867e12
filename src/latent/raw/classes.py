"""classes.json: the class names of a raw Fashion-MNIST dataset, and facts about its images.

The file is next to the IDX files, which contain only pixels and numeric labels.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from latent.errors import InputError, describe
from latent.io.files import write_json

CLASSES_FILE = "classes.json"
MAX_CLASSES = 256  # a label is one byte

FASHION_MNIST = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class Skipped(BaseModel):
    """Images that could not be read.

    Attributes:
        count: number of skipped images.
        images: reasons by image name, for the first skipped images only.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    count: int = 0
    images: dict[str, str] = {}


class Classes(BaseModel):
    """The content of classes.json.

    Attributes:
        classes: class names in the order of the labels.
        images: image names by split, in the order of the IDX files; empty if they have no names.
        left_out: number of files that are not part of the dataset, by reason.
        skipped: images that could not be read.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    classes: Annotated[list[str], Field(min_length=1, max_length=MAX_CLASSES)]
    images: dict[str, list[str]] = {}
    left_out: dict[str, int] = {}
    skipped: Skipped = Skipped()

    @model_validator(mode="after")
    def class_names_are_valid(self) -> Self:
        """Raise ValueError if a class name is empty, not printable or not unique."""
        for name in self.classes:
            if not name or not name.isprintable() or self.classes.count(name) > 1:
                raise ValueError(f"the class name {name!r} is empty, unprintable or not unique")
        return self


def write_classes(folder: Path, content: Classes) -> None:
    """Write classes.json into `folder`."""
    write_json(folder / CLASSES_FILE, content.model_dump())


def read_classes(folder: Path) -> Classes:
    """Return the content of classes.json in `folder`.

    Raises:
        InputError: the file is missing or damaged.
    """
    path = folder / CLASSES_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {describe(error)}") from None
    return parse_classes(content, str(path))


def parse_classes(content: bytes, origin: str) -> Classes:
    """Return the parsed content of a classes.json.

    Args:
        content: bytes of the file.
        origin: path of the file, for error messages.

    Raises:
        InputError: the file is damaged.
    """
    try:
        return Classes.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        problem = " ".join(f"{key}: {first['msg']}".removeprefix(": ").split())
        raise InputError(
            f'{origin}: {problem}; expected is {{"classes": ["first", "second"]}} with 1 to '
            f"{MAX_CLASSES} unique names"
        ) from None
