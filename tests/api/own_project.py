"""A project with the user's own images, prepared by the pipeline, and untrained models of them."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import ExifTags, Image
from untrained_models import write_model

from latent.download.faces.download import download_faces
from latent.download.fashion.download import download_fashion
from latent.io.paths import DatasetPaths, ModelPaths
from latent.params import Params, TrainAE
from latent.preprocess.faces.preprocess import preprocess_faces
from latent.preprocess.fashion import preprocess_fashion
from latent.raw.celeba.layout import ARCHIVE

COUNT = 40
# Sizes, modes and formats of the photos.
SIZES = ((178, 218), (90, 60), (33, 400), (32, 32), (700, 500))
MODES = (("RGB", "jpg"), ("L", "jpg"), ("RGBA", "png"), ("CMYK", "jpg"), ("P", "png"))
SIDEWAYS = 6  # EXIF orientation


@dataclass(frozen=True)
class Networks:
    """Architectures of the untrained models."""

    vae: TrainAE
    ae: TrainAE


def draw_photo(number: int) -> Image.Image:
    """Return an image of random coloured blocks, of a size and mode that depend on the number."""
    generator = np.random.default_rng(number)
    blocks = generator.integers(0, 256, (5, 6, 4), np.uint8)
    photo = Image.fromarray(blocks).resize(SIZES[number % len(SIZES)], Image.Resampling.BICUBIC)
    mode = MODES[number // len(SIZES) % len(MODES)][0]
    return photo.convert("RGB").convert(mode) if mode != "RGBA" else photo


def save_photo(folder: Path, number: int) -> str:
    """Save a photo, and return its name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{number:02d}.{MODES[number // len(SIZES) % len(MODES)][1]}"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = SIDEWAYS if number % 3 else 1
    draw_photo(number).save(folder / name, exif=exif)
    return name


def make_project(root: Path, params: Params, networks: Networks) -> None:
    """Make data/ and models/ of a project whose datasets are photos in images/."""
    names = [save_photo(root / "images/faces", number) for number in range(COUNT)]
    numbers = np.arange(COUNT)
    attributes = {
        "Smiling": numbers % 2,
        "Eyeglasses": numbers // 2 % 2,
        "Everybody": numbers >= 0,
        "Nobody": numbers < 0,
    }
    table = pd.DataFrame({"image_id": names, **attributes}).astype(dict.fromkeys(attributes, int))
    table.to_csv(root / "images/faces/attributes.csv", index=False)
    for number in range(COUNT):
        save_photo(root / "images/fashion" / ("coat", "shoe")[number % 2], number)
    _preprocess(root, params)
    write_model(ModelPaths("vae_faces", root), networks.vae)
    write_model(ModelPaths("vae_fashion", root), networks.vae)
    write_model(ModelPaths("ae_fashion", root), networks.ae)


def _preprocess(root: Path, params: Params) -> None:
    own = {"source": "folder"}
    faces, fashion = (DatasetPaths(name, root) for name in ("faces", "fashion"))
    source = params.download.faces.model_copy(update=own)
    download_faces(source, root, faces.raw)
    fit = params.preprocess.faces.model_copy(update={"fit": "crop"})
    preprocess_faces(faces.raw / ARCHIVE, source, fit, faces.processed, processes=1)
    garments = params.download.fashion.model_copy(update=own)
    download_fashion(garments, root, fashion.raw)
    preprocess_fashion(fashion.raw, garments, params.preprocess.fashion, 0, fashion.processed)


def differs(images: NDArray[np.uint8]) -> bool:
    """Return whether consecutive images differ."""
    return all((first != second).any() for first, second in pairwise(images))
