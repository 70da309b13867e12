"""Read and check the results of a run: datasets, models, metrics and figures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from latent.errors import InputError
from latent.io.dataset import read_record
from latent.io.paths import DatasetPaths, ModelPaths, distinct_names
from latent.params import Params
from latent.report.captions import AUTOENCODER, VAE_FASHION, Caption
from latent.report.face_captions import vae_faces
from latent.report.images import MIME_TYPES, EmbeddedImage, embed_image
from latent.report.metrics import (
    COUNTS,
    EMBEDDING,
    LOSSES,
    VAE_LOSSES,
    Metrics,
    SmallestAlphas,
    first_problem,
    read_attributes,
    read_evaluation,
    read_metrics,
    read_smallest_alphas,
    read_text,
    read_unlike_prior,
)

DATASETS = ("fashion", "faces")
MODELS = ("ae_fashion", "vae_fashion", "vae_faces")
# Folders with the figures of each section.
FIGURE_FOLDERS = {
    "ae_fashion": ("ae_fashion",),
    "vae_fashion": ("vae_fashion", "chapter"),
    "vae_faces": ("vae_faces", "vae_faces_edits"),
}


class SkippedImages(BaseModel):
    """The number of images that could not be read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    count: int


class Dataset(BaseModel):
    """A processed dataset, as described in its dataset.json."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Literal["fashion", "faces"]
    source: str
    images: dict[Literal["train", "test"], int]
    shape: tuple[int, int, int]
    left_out: dict[str, int]
    skipped: SkippedImages
    classes: list[str] = []
    digest: str


@dataclass(frozen=True)
class Figure:
    """A figure with its caption.

    Attributes:
        anchor: the HTML id of the figure.
        caption: the caption.
        image: the image.
        is_animation: whether the figure is an animation that the page also shows as a still image.
    """

    anchor: str
    caption: Caption
    image: EmbeddedImage
    is_animation: bool


@dataclass(frozen=True)
class LayerTable:
    """A table of layers in a model's summary.txt.

    Attributes:
        part: "encoder" or "decoder".
        rows: type, name, output shape and number of parameters of each layer.
        total: sentence with the total number of parameters.
    """

    part: str
    rows: list[list[str]]
    total: str


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes:
        name: "ae_fashion", "vae_fashion" or "vae_faces".
        metrics: losses, β and numbers of parameters.
        embedding: metrics of the embeddings of the test images.
        evaluation: metrics on the test images, including those of attribute edits.
        unlike_prior: numbers of the latent dimensions that differ from N(0, 1).
        attributes: AUC of each attribute; empty for fashion images.
        smallest_alphas: smallest α that adds, and that removes, each recognized attribute; empty
            for fashion images.
        layers: layers of the encoder and of the decoder.
        figures: figures in the order of the report.
    """

    name: str
    metrics: Metrics
    embedding: Metrics
    evaluation: Metrics
    unlike_prior: list[str]
    attributes: Metrics
    smallest_alphas: SmallestAlphas
    layers: list[LayerTable]
    figures: list[Figure]


@dataclass(frozen=True)
class Results:
    """All results of a run that the report shows."""

    params: Params
    datasets: dict[str, Dataset]
    models: dict[str, Model]


def collect(params: Params, root: Path = Path()) -> Results:
    """Read the results of a run.

    Args:
        params: parameters of the run.
        root: project folder. Figures that do not exist are left out.

    Raises:
        InputError: a file other than a figure is missing, or a file is damaged.
    """
    captions = {
        "ae_fashion": AUTOENCODER,
        "vae_fashion": VAE_FASHION,
        "vae_faces": vae_faces(params.figures.vae_faces.attributes),
    }
    return Results(
        params,
        {name: read_dataset(DatasetPaths(name, root).processed) for name in DATASETS},
        {name: _collect_model(ModelPaths(name, root), captions[name]) for name in MODELS},
    )


def _collect_model(paths: ModelPaths, captions: Mapping[str, Caption]) -> Model:
    name, is_faces = paths.name, paths.dataset.name == "faces"
    required = (*LOSSES, *COUNTS, *(VAE_LOSSES if name.startswith("vae") else ()))
    return Model(
        name,
        read_metrics(paths.training_metrics, required),
        read_metrics(paths.embedding_metrics, EMBEDDING),
        read_evaluation(paths),
        read_unlike_prior(paths.evaluation / "dimensions.csv"),
        read_attributes(paths.attribute_metrics) if is_faces else {},
        read_smallest_alphas(paths.edits / "smallest_alpha.csv") if is_faces else {},
        read_layers(paths.model / "summary.txt"),
        find_figures(paths.figures.parent, FIGURE_FOLDERS[name], captions),
    )


def read_dataset(folder: Path) -> Dataset:
    """Return the description of a processed dataset.

    Raises:
        InputError: dataset.json is missing or damaged.
    """
    try:
        return Dataset.model_validate(read_record(folder))
    except ValidationError as error:
        raise InputError(f"{folder / 'dataset.json'}: {first_problem(error)}") from None


def read_layers(path: Path) -> list[LayerTable]:
    """Return the tables in a model's summary.txt.

    Raises:
        InputError: the file is missing, or does not have the format of `latent.models.storage`.
    """
    blocks = re.split(r"\n\s*\n", read_text(path).strip())
    tables = []
    for part, table, total in zip(blocks[::3], blocks[1::3], blocks[2::3], strict=False):
        rows = [line.split() for line in table.splitlines()[1:]]
        tables.append(LayerTable(part, rows, total))
    if len(blocks) != 6 or any(len(row) != 4 for table in tables for row in table.rows):
        raise InputError(f"{path}: must contain one table for the encoder and one for the decoder")
    return tables


def find_figures(
    root: Path, folders: tuple[str, ...], captions: Mapping[str, Caption]
) -> list[Figure]:
    """Return the figures in some folders: first those with captions, in their order.

    Args:
        root: folder that contains the folders.
        folders: names of the folders; folders that do not exist are ignored.
        captions: captions by path relative to `root`.

    Raises:
        InputError: an image is damaged.
    """
    found = {
        path.relative_to(root).as_posix()
        for folder in folders
        for path in (root / folder).glob("*")
        if path.suffix.lower() in MIME_TYPES and not path.name.startswith(".")
    }
    known = [name for name in captions if name in found]
    names = [*known, *sorted(found - set(known))]
    anchors = distinct_names(re.sub(r"[^A-Za-z0-9_-]+", "-", name) for name in names)
    return [
        Figure(
            anchor=anchor,
            caption=captions.get(name) or caption_from_name(name),
            image=embed_image(root / name),
            is_animation=name.endswith(".gif") and name.removesuffix(".gif") + ".png" in found,
        )
        for name, anchor in zip(names, anchors, strict=True)
    ]


def caption_from_name(name: str) -> Caption:
    """Return a caption made from the file name, for a figure without a caption of its own."""
    stem = Path(name).stem
    numbered = re.match(r"(\d+)-0*(\d+)_", stem)
    number = f"{numbered[1]}-{numbered[2]}" if numbered else None
    words = stem[numbered.end() :] if numbered else stem
    title = words.replace("_", " ").strip() or stem
    title = title[:1].upper() + title[1:]
    return Caption(number, title, "", title)
