"""The figures of the VAE of faces: 3-12, 3-15 to 3-20, and of its training."""

import logging
import textwrap
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.errors import InputError
from latent.figures.common.factors import few_factors
from latent.figures.common.images import ImageTable, image_figure, reconstructions_figure, wrap
from latent.figures.common.style import save_figure, source_name
from latent.figures.faces.edits import edits_figure, morphs_figure, without_first
from latent.figures.faces.histograms import histograms_figure
from latent.figures.faces.sheet import Edited, choose_face, sheet_figure
from latent.figures.model.draw import draw_model
from latent.io.dataset import Split, read_record, read_split, read_table
from latent.io.files import whole_folder
from latent.io.paths import ModelPaths
from latent.latent_space.arithmetic import edit, morph
from latent.latent_space.points import read_points, sample_posteriors
from latent.latent_space.sampling import sample_prior
from latent.models.inference import decode
from latent.models.storage import load_model
from latent.params import FacesFigures

ARCHITECTURE = ("3-12", "The variational autoencoder of faces, layer by layer")
FACES = 30  # images in figure 3-15
MORPHS = 5  # pairs of faces in figure 3-20

Vector = NDArray[np.float32]
Decoder = Callable[[Vector], NDArray[np.uint8]]

log = logging.getLogger(__name__)


def draw_vae_faces(paths: ModelPaths, params: FacesFigures) -> None:
    """Draw the figures of the VAE of faces into their folder, made whole or not at all.

    Edits start from z_mean of test faces without the attribute, so that adding it shows; morphs
    lead from one test face to the next. Where there are fewer faces than asked for, there are
    fewer in the figures. An attribute without a vector, as all images have it or none, is left out
    with a warning; so is one that images of the user's own do not have. Attributes that `params`
    does not name share a sheet, if there are any.

    Args:
        paths: of the model, its history, embeddings and attribute vectors, its dataset
            and the figures.
        params: what to show and how much, and the seed.

    Raises:
        InputError: a file is missing or damaged, the embeddings are not those of the data set, or
            an attribute is unknown.
    """
    table = read_table(paths.attribute_vectors / "attribute_vectors.parquet")
    record = read_record(paths.dataset.processed)
    directions = find_directions(table, params.attributes, own=record["source"] == "folder")
    source = source_name(record)
    split = read_split(paths.dataset.processed, "test")
    z_mean = read_points(paths.embeddings / "test_z_mean.npy", split)
    z_log_var = read_points(paths.embeddings / "test_z_log_var.npy", split)
    decoder = load_model(paths.model / "decoder.keras")
    draw = partial(decode, decoder)
    with whole_folder(paths.figures) as drawn:
        posteriors = (z_mean, z_log_var)
        draw_model(paths, decoder, posteriors, source, ARCHITECTURE, drawn)

        faces = ImageTable(wrap(split.images[:FACES]))
        save_figure(image_figure(faces, "Test images", source), drawn / "3-15_faces.png")

        count = params.reconstructed
        title = "Test images and what the VAE makes of them"
        save_figure(
            reconstructions_figure(split.images[:count], draw(z_mean[:count]), title, source),
            drawn / "3-16_reconstructions.png",
        )

        dimensions = slice(params.histograms)
        z = sample_posteriors(z_mean[:, dimensions], z_log_var[:, dimensions], params.seed)
        save_figure(histograms_figure(z, source), drawn / "3-17_latent_histograms.png")

        generated = sample_prior(params.generated, z_mean.shape[1], params.seed)
        faces = ImageTable(wrap(draw(generated)))
        title = "Faces decoded from points of the standard normal distribution"
        save_figure(image_figure(faces, title, source), drawn / "3-18_generated.png")

        for name, vector in directions.items():
            shown = without_first(split.table[name].to_numpy(dtype=bool), params.edited)
            edited = [draw(edit(z_mean[row], vector, params.factors)) for row in shown]
            figure = edits_figure(split.images[shown], edited, params.factors, name, source)
            save_figure(figure, drawn / f"3-19_edit_{name}.png")
        sheet = _other_attributes(draw, split, z_mean, table, params, source)
        if sheet:
            save_figure(sheet, drawn / "3-19_other_attributes.png")
        save_figure(
            _morphs(draw, split, z_mean, params.morph_steps, source), drawn / "3-20_morphs.png"
        )


def find_directions(table: pd.DataFrame, attributes: list[str], own: bool) -> dict[str, Vector]:
    """Return the vectors of the attributes that have one, and warn of those that have none.

    Args:
        table: with the columns `attribute` and `vector`.
        attributes: names to look for.
        own: whether the images are the user's own, who need not have these attributes.

    Raises:
        InputError: an attribute is not in the table, and the images are not the user's own.
    """
    if table.empty:
        log.warning("the images have no attributes, so no figure shows edits of them")
        return {}
    vectors = {
        name: np.asarray(vector, np.float32)
        for name, vector in zip(table["attribute"], table["vector"], strict=True)
    }
    unknown = [name for name in attributes if name not in vectors]
    if unknown and not own:
        allowed = textwrap.shorten(", ".join(vectors), 100, placeholder=" …")
        raise InputError(
            f"figures.vae_faces.attributes: {unknown[0]!r} is not an attribute of the data set; "
            f"allowed are {allowed}"
        )
    if unknown:
        names = ", ".join(unknown)
        log.warning("figures.vae_faces.attributes: the images have no %s; left out", names)
    found = {}
    for name in [name for name in attributes if name in vectors]:
        if _is_direction(vectors[name]):
            found[name] = vectors[name]
        else:
            log.warning("%s has no vector, so no figure shows it: all images have it or none", name)
    return found


def _is_direction(vector: Vector) -> bool:
    length = np.linalg.norm(vector)
    return bool(np.isfinite(length) and length > 0)


def _other_attributes(
    draw: Decoder,
    split: Split,
    z_mean: Vector,
    table: pd.DataFrame,
    params: FacesFigures,
    source: str,
) -> Figure | None:
    """Return the sheet of the attributes without a figure of their own, None if there are none."""
    factors = few_factors(params.factors)
    edited: list[Edited] = []
    left_out: list[str] = []
    others = table[~table["attribute"].isin(params.attributes)]
    for name, auc, values in zip(*(others[c] for c in ("attribute", "auc", "vector")), strict=True):
        vector = np.asarray(values, np.float32)
        if _is_direction(vector):
            face = choose_face(split.table[name].to_numpy(dtype=bool), len(edited))
            images = draw(edit(z_mean[face], vector, factors))
            edited.append(Edited(name, auc, split.images[face], images))
        else:
            left_out.append(name)
    return sheet_figure(edited, factors, left_out, source) if edited else None


def _morphs(draw: Decoder, split: Split, z_mean: Vector, steps: int, source: str) -> Figure:
    pairs = max(1, min(MORPHS, len(z_mean) // 2))
    starts = np.arange(pairs) * 2
    # A single image can only become itself.
    ends = (starts + 1) % len(z_mean)
    between = [
        draw(morph(z_mean[start], z_mean[end], steps))
        for start, end in zip(starts, ends, strict=True)
    ]
    return morphs_figure(split.images[starts], split.images[ends], between, source)
