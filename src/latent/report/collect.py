"""What a run left on disk, read and checked: data sets, models, numbers and figures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from latent.errors import InputError
from latent.io.dataset import read_record
from latent.io.paths import DatasetPaths, ModelPaths
from latent.params import Params
from latent.report.captions import AUTOENCODER, VAE_FASHION, Caption
from latent.report.face_captions import vae_faces
from latent.report.numbers import (
    COUNTS,
    EMBEDDING,
    LOSSES,
    VAE_LOSSES,
    Numbers,
    SmallestAlphas,
    explain,
    read_attributes,
    read_evaluation,
    read_numbers,
    read_smallest_alphas,
    read_text,
    read_unlike_prior,
)
from latent.report.pictures import KINDS, Picture, embed_picture

DATASETS = ("fashion", "faces")
MODELS = ("ae_fashion", "vae_fashion", "vae_faces")
# Folders of figures that belong to a model's part of the report.
FOLDERS = {
    "ae_fashion": ("ae_fashion",),
    "vae_fashion": ("vae_fashion", "chapter"),
    "vae_faces": ("vae_faces", "vae_faces_edits"),
}


class Skipped(BaseModel):
    """How many images could not be read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    count: int


class Dataset(BaseModel):
    """A processed data set, as its dataset.json describes it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Literal["fashion", "faces"]
    source: str
    images: dict[Literal["train", "test"], int]
    shape: tuple[int, int, int]
    left_out: dict[str, int]
    skipped: Skipped
    classes: list[str] = []
    digest: str


@dataclass(frozen=True)
class Shown:
    """A figure with its words.

    Attributes:
        anchor: its address within the page.
        caption: what it shows.
        picture: the figure itself.
        moves: whether it is an animation of which the page has a still picture too.
    """

    anchor: str
    caption: Caption
    picture: Picture
    moves: bool


@dataclass(frozen=True)
class Layers:
    """One of the tables of a model's summary.txt.

    Attributes:
        part: "encoder" or "decoder".
        rows: type, name, output shape and number of parameters of each layer.
        total: the parameters' sum, in words.
    """

    part: str
    rows: list[list[str]]
    total: str


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes:
        name: "vae_faces".
        metrics: losses, β and parameter counts.
        embedding: where the test images lie in its latent space.
        evaluation: what was measured on held-out images, attribute edits included.
        unlike_prior: numbers of the latent dimensions that differ from N(0, 1).
        attributes: AUC by attribute; empty for garments.
        reach: how far an edit of each judged attribute must go; empty for garments.
        layers: a list of layers for the encoder, and one for the decoder.
        figures: in order.
    """

    name: str
    metrics: Numbers
    embedding: Numbers
    evaluation: Numbers
    unlike_prior: list[str]
    attributes: Numbers
    reach: SmallestAlphas
    layers: list[Layers]
    figures: list[Shown]


@dataclass(frozen=True)
class Results:
    """All that the report tells of."""

    params: Params
    datasets: dict[str, Dataset]
    models: dict[str, Model]


def collect(params: Params, root: Path = Path()) -> Results:
    """Read the results of a run.

    Args:
        params: of the run.
        root: the folder that all paths start from. A figure that is missing is left out.

    Raises:
        InputError: a file other than a figure is missing, or one is damaged.
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
    name, of_faces = paths.name, paths.dataset.name == "faces"
    needed = (*LOSSES, *COUNTS, *(VAE_LOSSES if name.startswith("vae") else ()))
    return Model(
        name,
        read_numbers(paths.training_metrics, needed),
        read_numbers(paths.embedding_metrics, EMBEDDING),
        read_evaluation(paths),
        read_unlike_prior(paths.evaluation / "dimensions.csv"),
        read_attributes(paths.attribute_metrics) if of_faces else {},
        read_smallest_alphas(paths.edits / "smallest_alpha.csv") if of_faces else {},
        read_layers(paths.model / "summary.txt"),
        find_figures(paths.figures.parent, FOLDERS[name], captions),
    )


def read_dataset(folder: Path) -> Dataset:
    """Return what a processed data set says of itself.

    Raises:
        InputError: dataset.json is missing or damaged.
    """
    try:
        return Dataset.model_validate(read_record(folder))
    except ValidationError as error:
        raise InputError(f"{folder / 'dataset.json'}: {explain(error)}") from None


def read_layers(path: Path) -> list[Layers]:
    """Return the tables in a model's summary.txt.

    Raises:
        InputError: the file is missing, or does not look as `latent.models.storage` writes it.
    """
    blocks = re.split(r"\n\s*\n", read_text(path).strip())
    parts = []
    for part, table, total in zip(blocks[::3], blocks[1::3], blocks[2::3], strict=False):
        rows = [line.split() for line in table.splitlines()[1:]]
        parts.append(Layers(part, rows, total))
    if len(blocks) != 6 or any(len(row) != 4 for layers in parts for row in layers.rows):
        raise InputError(f"{path}: does not hold a table of the encoder and one of the decoder")
    return parts


def find_figures(
    root: Path, folders: tuple[str, ...], captions: Mapping[str, Caption]
) -> list[Shown]:
    """Return the figures in some folders: those with captions in their order, then the others.

    Args:
        root: folder of the folders.
        folders: names of those to look in; one that is missing holds nothing.
        captions: by path below `root`.

    Raises:
        InputError: a picture is damaged.
    """
    found = {
        path.relative_to(root).as_posix()
        for folder in folders
        for path in (root / folder).glob("*")
        if path.suffix.lower() in KINDS and not path.name.startswith(".")
    }
    known = [name for name in captions if name in found]
    return [
        Shown(
            anchor=re.sub(r"[^A-Za-z0-9_-]+", "-", name),
            caption=captions.get(name) or caption_of(name),
            picture=embed_picture(root / name),
            moves=name.endswith(".gif") and name.removesuffix(".gif") + ".png" in found,
        )
        for name in [*known, *sorted(found - set(known))]
    ]


def caption_of(name: str) -> Caption:
    """Return the caption of a figure that is known by nothing but its file's name."""
    stem = Path(name).stem
    numbered = re.match(r"(\d+)-0*(\d+)_", stem)
    number = f"{numbered[1]}-{numbered[2]}" if numbered else None
    words = stem[numbered.end() :] if numbered else stem
    title = words.replace("_", " ").strip() or stem
    title = title[:1].upper() + title[1:]
    return Caption(number, title, "", title)
