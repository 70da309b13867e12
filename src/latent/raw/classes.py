"""What IDX files cannot say of garments, beside them in classes.json: names, above all."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from latent.errors import InputError
from latent.io.files import write_json

FILE = "classes.json"
MOST = 256  # classes, which is what a label of one byte can tell apart

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
        count: how many.
        images: why, by name; of the first ones.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    count: int = 0
    images: dict[str, str] = {}


class Classes(BaseModel):
    """The content of classes.json.

    Attributes:
        classes: their names, in the order of the labels.
        images: the images' names in the order of the IDX files, by split, where they have names.
        left_out: how many files were not looked at, by reason.
        skipped: images that could not be read.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    classes: Annotated[list[str], Field(min_length=1, max_length=MOST)]
    images: dict[str, list[str]] = {}
    left_out: dict[str, int] = {}
    skipped: Skipped = Skipped()

    @model_validator(mode="after")
    def names_can_be_told_apart(self) -> Self:
        """Raise ValueError where a name is empty, takes more than a line, or is there twice."""
        for name in self.classes:
            if not name or not name.isprintable() or self.classes.count(name) > 1:
                raise ValueError(f"{name!r} is no name, or not of one class alone")
        return self


def write_classes(folder: Path, content: Classes) -> None:
    """Write classes.json into `folder`."""
    write_json(folder / FILE, content.model_dump())


def read_classes(folder: Path) -> Classes:
    """Return the content of classes.json in `folder`.

    Raises:
        InputError: the file is missing or damaged.
    """
    path = folder / FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_classes(content, str(path))


def parse_classes(content: bytes, place: str) -> Classes:
    """Return the content of a classes.json that lies at `place`.

    Raises:
        InputError: it is damaged.
    """
    try:
        return Classes.model_validate_json(content)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        what = " ".join(f"{key}: {problem['msg']}".removeprefix(": ").split())
        raise InputError(
            f'{place}: must be as {{"classes": ["first", "second"]}}, 1 to {MOST} names: {what}'
        ) from None
