"""What a trained model was made from, as its provenance.json records it."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from latent.errors import InputError
from latent.io.dataset import source_name
from latent.io.files import read_json
from latent.raw.image import Fit


class Preparation(BaseModel):
    """How an image file becomes an array.

    Attributes:
        fit: how the image is fitted into a square (`latent.raw.image.read_image`).
        padding: number of black pixels that are added on each side.
    """

    model_config = ConfigDict(frozen=True)

    fit: Fit
    padding: int


class TrainingData(BaseModel):
    """The processed dataset that a model was trained on.

    Attributes:
        name: "fashion" or "faces".
        source: source of the images, as in params.yaml.
        digest: SHA-256 of the processed dataset.
        images: number of images by split.
        shape: height, width and channels of an image.
        preparation: how an image file becomes an array.
    """

    model_config = ConfigDict(frozen=True)

    name: Literal["fashion", "faces"]
    source: str
    digest: str
    images: dict[str, int]
    shape: tuple[int, int, int]
    preparation: Preparation


class Provenance(BaseModel):
    """What a model depends on, except its code.

    Attributes:
        data: the processed dataset.
        parameters: values by their dotted keys in params.yaml.
        packages: versions of Python and of the packages that the training used.
        device: "cpu", "gpu" or "tpu".
    """

    model_config = ConfigDict(frozen=True)

    data: TrainingData
    parameters: dict[str, Any]
    packages: dict[str, str]
    device: str

    @property
    def kind(self) -> Literal["ae", "vae"]:
        """Kind of model: "ae" for an autoencoder, "vae" for a variational autoencoder."""
        return "vae" if any(key.startswith("train_vae.") for key in self.parameters) else "ae"

    @property
    def model_name(self) -> str:
        """Name of the model's folder in models/, such as "vae_faces"."""
        return f"{self.kind}_{self.data.name}"

    @property
    def is_sample(self) -> bool:
        """Whether the model was trained on synthetic sample data."""
        return self.data.source == "sample"

    @property
    def source_name(self) -> str:
        """Name of the data, as in the figures: "CelebA" or "synthetic sample data"."""
        return source_name(self.data.model_dump())


def read_provenance(path: Path) -> Provenance:
    """Return the content of a provenance.json.

    Raises:
        InputError: the file is missing or damaged, or an earlier version of the project wrote it.
    """
    try:
        return Provenance.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{path}: {key}: {first['msg']}; run `dvc repro` to train the model again"
        ) from None
