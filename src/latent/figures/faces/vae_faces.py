"""Figures of the VAE of faces: 3-12, 3-15 to 3-20, and of its training."""

import logging
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.factors import few_factors
from latent.figures.common.images import ImageTable, image_figure, reconstructions_figure, wrap
from latent.figures.common.style import save_figure
from latent.figures.faces.edits import edits_figure, morphs_figure, without_first
from latent.figures.faces.histograms import histograms_figure
from latent.figures.faces.sheet import Edited, choose_face, sheet_figure
from latent.figures.model.draw import draw_model
from latent.io.dataset import (
    Split,
    check_attributes,
    read_record,
    read_split,
    read_table,
    source_name,
)
from latent.io.files import whole_folder
from latent.io.paths import ModelPaths, edit_figures
from latent.latent_space.arithmetic import edit, has_direction, morph
from latent.latent_space.points import read_points, sample_posteriors
from latent.latent_space.sampling import sample_prior
from latent.models.inference import decode
from latent.models.storage import load_model
from latent.params import FacesFigures

ARCHITECTURE = ("3-12", "Architecture of the variational autoencoder of faces")
FACES = 30  # number of images in figure 3-15
MORPHS = 5  # number of pairs of faces in figure 3-20

Vector = NDArray[np.float32]
Decoder = Callable[[Vector], NDArray[np.uint8]]

log = logging.getLogger(__name__)


def draw_vae_faces(paths: ModelPaths, params: FacesFigures) -> None:
    """Draw the figures of the VAE of faces into their folder, which is written whole or not at all.

    Edits start from z_mean of test images without the attribute, because the effect is most visible
    in these. Morphs connect pairs of consecutive test images. If there are fewer test images than
    requested, the figures show fewer. An attribute without a vector is skipped with a warning, for
    example if no training image has it. So is an attribute that user-supplied images lack. The
    attributes that `params` does not name share one figure.

    Args:
        paths: paths of the model, its history, its embeddings, its attribute vectors, its dataset
            and the figures.
        params: attributes, factors and numbers of images to show, and the seed.

    Raises:
        InputError: a file is missing or damaged, the embeddings do not belong to the dataset, or an
            attribute is unknown.
    """
    table = read_table(paths.attribute_vectors / "attribute_vectors.parquet")
    record = read_record(paths.dataset.processed)
    directions = find_directions(table, params.attributes, own=record["source"] == "folder")
    source = source_name(record)
    split = read_split(paths.dataset.processed, "test")
    z_mean = read_points(paths.embeddings / "test_z_mean.npy", split)
    z_log_var = read_points(paths.embeddings / "test_z_log_var.npy", split)
    decoder = load_model(paths.model / "decoder.keras")
    decode_points = partial(decode, decoder)
    with whole_folder(paths.figures) as folder:
        draw_model(paths, decoder, (z_mean, z_log_var), source, ARCHITECTURE, folder)

        faces = ImageTable(wrap(split.images[:FACES]))
        save_figure(image_figure(faces, "Test images", source), folder / "3-15_faces.png")

        originals = split.images[: params.reconstructed]
        reconstructions = decode_points(z_mean[: params.reconstructed])
        title = "Test images and their reconstructions"
        figure = reconstructions_figure(originals, reconstructions, title, source)
        save_figure(figure, folder / "3-16_reconstructions.png")

        dimensions = slice(params.histograms)
        z = sample_posteriors(z_mean[:, dimensions], z_log_var[:, dimensions], params.seed)
        save_figure(histograms_figure(z, source), folder / "3-17_latent_histograms.png")

        generated = sample_prior(params.generated, z_mean.shape[1], params.seed)
        faces = ImageTable(wrap(decode_points(generated)))
        title = "Images generated from points sampled from the standard normal distribution"
        save_figure(image_figure(faces, title, source), folder / "3-18_generated.png")

        file_names = edit_figures(params.attributes)
        for name, vector in directions.items():
            rows = without_first(split.table[name].to_numpy(dtype=bool), params.edited)
            edited = [decode_points(edit(z_mean[row], vector, params.factors)) for row in rows]
            figure = edits_figure(split.images[rows], edited, params.factors, name, source)
            save_figure(figure, folder / file_names[name])
        sheet = _other_attributes(decode_points, split, z_mean, table, params, source)
        if sheet:
            save_figure(sheet, folder / "3-19_other_attributes.png")

        figure = _morphs(decode_points, split, z_mean, params.morph_steps, source)
        save_figure(figure, folder / "3-20_morphs.png")


def find_directions(table: pd.DataFrame, attributes: list[str], own: bool) -> dict[str, Vector]:
    """Return the vectors of the attributes, and warn of attributes without a vector.

    Args:
        table: table from `latent.latent_space.attribute_vectors.attribute_vectors`.
        attributes: names of the attributes.
        own: whether the images are user-supplied. They may lack some of the attributes.

    Raises:
        InputError: an attribute is not in the table, and the images are not user-supplied.
    """
    if table.empty:
        log.warning("the images have no attributes, so there are no figures of attribute edits")
        return {}
    vectors = {
        name: np.asarray(vector, np.float32)
        for name, vector in zip(table["attribute"], table["vector"], strict=True)
    }
    if not own:
        check_attributes(attributes, vectors)
    if unknown := [name for name in attributes if name not in vectors]:
        names = ", ".join(unknown)
        log.warning("figures.vae_faces.attributes: skipped, not in the dataset: %s", names)
    known = [name for name in attributes if name in vectors]
    for name in known:
        if not has_direction(vectors[name]):
            row = table[table["attribute"] == name].iloc[0]
            reason = "the mean embeddings with it and without it are equal"
            if not row["with"]:
                reason = "no training image has it"
            elif not row["without"]:
                reason = "all training images have it"
            log.warning("%s has no vector and is skipped: %s", name, reason)
    return {name: vectors[name] for name in known if has_direction(vectors[name])}


def _other_attributes(
    decode_points: Decoder,
    split: Split,
    z_mean: Vector,
    table: pd.DataFrame,
    params: FacesFigures,
    source: str,
) -> Figure | None:
    """Return the figure of all attributes not in `params`, or None if there are none."""
    factors = few_factors(params.factors)
    edited: list[Edited] = []
    left_out: list[str] = []
    others = table[~table["attribute"].isin(params.attributes)]
    for name, auc, values in zip(*(others[c] for c in ("attribute", "auc", "vector")), strict=True):
        vector = np.asarray(values, np.float32)
        if has_direction(vector):
            face = choose_face(split.table[name].to_numpy(dtype=bool), len(edited))
            images = decode_points(edit(z_mean[face], vector, factors))
            edited.append(Edited(name, auc, split.images[face], images))
        else:
            left_out.append(name)
    return sheet_figure(edited, factors, left_out, source) if edited else None


def _morphs(
    decode_points: Decoder, split: Split, z_mean: Vector, steps: int, source: str
) -> Figure:
    """Return the morphs between consecutive pairs of the first test images."""
    pairs = max(1, min(MORPHS, len(z_mean) // 2))
    starts = np.arange(pairs) * 2
    # If there is only one image, both ends of the morph are this image.
    ends = (starts + 1) % len(z_mean)
    between = [
        decode_points(morph(z_mean[start], z_mean[end], steps))
        for start, end in zip(starts, ends, strict=True)
    ]
    return morphs_figure(split.images[starts], split.images[ends], between, source)
