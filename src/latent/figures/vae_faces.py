"""The figures of the VAE's latent space of faces: 3-15 to 3-20."""

import logging
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.data.dataset import Split, read_record, read_split, read_table
from latent.errors import InputError
from latent.figures.faces.edits import edits_figure, morphs_figure, without_first
from latent.figures.faces.histograms import histograms_figure, sample_posteriors
from latent.figures.images import ImageTable, image_figure, reconstructions_figure, wrap
from latent.figures.inputs import read_points
from latent.figures.style import save_figure, source_name
from latent.files import whole_folder
from latent.models.inference import decode
from latent.models.storage import load_model
from latent.params import FacesFigures
from latent.space.arithmetic import edit, morph
from latent.space.sampling import sample_prior

FACES = 30  # images in figure 3-15
MORPHS = 5  # pairs of faces in figure 3-20

Vector = NDArray[np.float32]
Decoder = Callable[[Vector], NDArray[np.uint8]]

log = logging.getLogger(__name__)


def draw_vae_faces(
    model: Path,
    embeddings: Path,
    vectors: Path,
    dataset: Path,
    params: FacesFigures,
    folder: Path,
) -> None:
    """Draw the figures of the VAE of faces into `folder`, made whole or not at all.

    Edits start from z_mean of test faces without the attribute, so that adding it shows; morphs
    lead from one test face to the next. Where there are fewer faces than asked for, there are
    fewer in the figures. An attribute without a vector, as all images have it or none, is left out
    with a warning.

    Args:
        model: folder with decoder.keras.
        embeddings: folder with test_z_mean.npy and test_z_log_var.npy.
        vectors: folder with attribute_vectors.parquet.
        dataset: processed data set that was embedded.
        params: what to show and how much, and the seed.
        folder: for the PNG files.

    Raises:
        InputError: a file is missing or damaged, the embeddings are not those of the data set, or
            an attribute is unknown.
    """
    table = read_table(vectors / "attribute_vectors.parquet")
    directions = find_directions(table, params.attributes)
    source = source_name(read_record(dataset))
    split = read_split(dataset, "test")
    z_mean = read_points(embeddings / "test_z_mean.npy", split)
    z_log_var = read_points(embeddings / "test_z_log_var.npy", split)
    draw = partial(decode, load_model(model / "decoder.keras"))
    with whole_folder(folder) as drawn:
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
        save_figure(
            _morphs(draw, split, z_mean, params.morph_steps, source), drawn / "3-20_morphs.png"
        )


def find_directions(table: pd.DataFrame, attributes: list[str]) -> dict[str, Vector]:
    """Return the vectors of the attributes that have one, and warn of those that have none.

    Args:
        table: with the columns `attribute` and `vector`.
        attributes: names to look for.

    Raises:
        InputError: an attribute is not in the table.
    """
    vectors = {
        name: np.asarray(vector, np.float32)
        for name, vector in zip(table["attribute"], table["vector"], strict=True)
    }
    for name in attributes:
        if name not in vectors:
            allowed = textwrap.shorten(", ".join(vectors), 100, placeholder=" …")
            raise InputError(
                f"figures.vae_faces.attributes: {name!r} is not an attribute of the data set; "
                f"allowed are {allowed}"
            )
    found = {}
    for name in attributes:
        length = np.linalg.norm(vectors[name])
        if np.isfinite(length) and length > 0:
            found[name] = vectors[name]
        else:
            log.warning("%s has no vector, so no figure shows it: all images have it or none", name)
    return found


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
