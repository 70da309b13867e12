"""A project with the user's own images, prepared by the pipeline, and untrained models of them."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import ExifTags, Image

from latent.download.faces.download import download_faces
from latent.download.fashion.download import download_fashion
from latent.io.dataset import read_record
from latent.io.files import write_json
from latent.io.paths import DatasetPaths, ModelPaths
from latent.latent_space.attribute_vectors import find_attribute_vectors, write_vectors
from latent.latent_space.embedding import embed_dataset
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import Params, TrainAE
from latent.preprocess.faces.preprocess import preprocess_faces
from latent.preprocess.fashion import preprocess_fashion
from latent.raw.celeba.layout import ARCHIVE
from latent.training.provenance import describe_provenance

COUNT = 40
CONTRAST = 3  # an untrained decoder's images are nearly of one colour
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


def write_model(paths: ModelPaths, architecture: TrainAE, seed: int = 1) -> None:
    """Write an untrained model, its embeddings and its attribute vectors."""
    record = read_record(paths.dataset.processed)
    shape = tuple(record["shape"])
    kind, _, dataset = paths.name.partition("_")
    keras.utils.set_random_seed(seed)
    is_vae = kind == "vae"
    encoder = (
        build_variational_encoder(architecture, shape, seed)
        if is_vae
        else build_encoder(architecture, shape)
    )
    decoder = build_decoder(architecture, shape)
    decoder.set_weights([CONTRAST * weights for weights in decoder.get_weights()])
    paths.model.mkdir(parents=True, exist_ok=True)
    save_model(encoder, paths.model / "encoder.keras")
    save_model(decoder, paths.model / "decoder.keras")
    parameters = {
        f"train_{kind}.{dataset}.{name}": value for name, value in architecture.model_dump().items()
    }
    write_json(paths.provenance, describe_provenance(record, parameters))
    embed_dataset(paths, 1000)
    if dataset == "faces":
        vectors = find_attribute_vectors(paths.embeddings, paths.dataset.processed)
        write_vectors(vectors, paths.attribute_vectors)


def differs(images: NDArray[np.uint8]) -> bool:
    """Return whether consecutive images differ."""
    return all((first != second).any() for first, second in pairwise(images))
