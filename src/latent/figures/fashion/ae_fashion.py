"""The figures of the autoencoder: 3-2 to 3-4, 3-6 to 3-9, and of its training."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.figures.common.images import BREAK, COLUMNS, GAP, Images, ImageTable, Row, image_figure
from latent.figures.common.style import (
    BOTTOM,
    MARGIN,
    TOP,
    WIDTH,
    page,
    save_figure,
    source_name,
    styled,
)
from latent.figures.fashion.classes import Classes, read_classes
from latent.figures.fashion.decoded import box_lines, crossings, decoded_figure
from latent.figures.fashion.embeddings import embeddings_figure
from latent.figures.fashion.generated import generated_figure
from latent.figures.fashion.points import DIMENSIONS
from latent.figures.fashion.reconstructed import RECONSTRUCTED, reconstructed_figure
from latent.figures.model.draw import draw_model
from latent.io.dataset import read_record, read_split
from latent.io.files import read_json, whole_folder
from latent.io.paths import ModelPaths
from latent.latent_space.points import read_points
from latent.latent_space.sampling import sample_bounding_box
from latent.models.inference import decode, denoise
from latent.models.storage import load_model
from latent.params import PlaneFigures

ARCHITECTURE = ("3-04", "The autoencoder, layer by layer")
NOISE_STD = "train_ae.fashion.noise_std"  # among the parameters that the model was made with
EXAMPLES = 4  # images of each class in figure 3-3, at most
HEADING = 14  # letters of a class' name above its images


def draw_ae_fashion(paths: ModelPaths, params: PlaneFigures) -> None:
    """Draw the figures of the autoencoder into their folder, made whole or not at all.

    Of a space of more than two dimensions they show the first two and say so; the grid of decoded
    points (3-9) is left out, for a plane's points would not say where they lie in the others. An
    autoencoder that was trained with noise has a figure of what it does with it.

    Args:
        paths: of the model, its history, its embeddings, its dataset and the figures.
        params: how much to show, and the seed.

    Raises:
        InputError: a file is missing or damaged, or the embeddings are not those of the data set.
    """
    record = read_record(paths.dataset.processed)
    source = source_name(record)
    noise_std = read_json(paths.provenance)["parameters"].get(NOISE_STD)
    split = read_split(paths.dataset.processed, "test")
    z = read_points(paths.embeddings / "test_z_mean.npy", split)[: params.embedded]
    classes = read_classes(record, split).first(params.embedded)
    decoder = load_model(paths.model / "decoder.keras")
    with whole_folder(paths.figures) as drawn:
        draw_model(paths, decoder, None, source, ARCHITECTURE, drawn)
        save_figure(embeddings_figure(z, None, source), drawn / "3-02_embeddings.png")
        save_figure(items_figure(split.images, classes, source), drawn / "3-03_items.png")

        reconstructions = decode(decoder, z[:RECONSTRUCTED])
        save_figure(
            reconstructed_figure(split.images, z, reconstructions, source),
            drawn / "3-06_reconstructions.png",
        )
        save_figure(embeddings_figure(z, classes, source), drawn / "3-07_embeddings_by_label.png")

        generated = sample_bounding_box(z, params.generated, params.seed)
        title = "Points drawn from the embeddings' bounding box, decoded"
        save_figure(
            generated_figure(z, generated, decode(decoder, generated), title, source),
            drawn / "3-08_generated.png",
        )
        if z.shape[1] == DIMENSIONS:
            lines = box_lines(z, params.grid)
            save_figure(
                decoded_figure(
                    decode(decoder, crossings(*lines)),
                    lines,
                    z,
                    classes,
                    axis="z{}",
                    title="The latent space, decoded point by point",
                    source=source,
                ),
                drawn / "3-09_decoded_grid.png",
            )
        if noise_std:
            shown = split.images[:COLUMNS]
            encoder = load_model(paths.model / "encoder.keras")
            noisy, denoised = next(denoise(encoder, decoder, shown, noise_std, params.seed))
            save_figure(
                denoised_figure(shown, noisy, denoised, noise_std, source), drawn / "denoised.png"
            )


def denoised_figure(
    images: Images,
    noisy: NDArray[np.float32],
    denoised: Images,
    noise_std: float,
    source: str,
) -> Figure:
    """Return a row of images, the same with noise below them, and what is made of those.

    Args:
        images: uint8 (N, H, W, C).
        noisy: float32 of that shape, in [0, 1] but for the noise; what is beyond is shown as black
            or white.
        denoised: uint8 of that shape.
        noise_std: standard deviation of the noise.
        source: name of the data.
    """
    bytes_of_noisy = np.rint(noisy.clip(0, 1) * 255).astype(np.uint8)
    rows = [Row(images, "original"), Row(bytes_of_noisy, "noisy"), Row(denoised, "denoised")]
    title = f"Test images, noise of standard deviation {noise_std:g} added, and taken off"
    return image_figure(ImageTable(rows), title, source)


@styled
def items_figure(images: Images, classes: Classes, source: str) -> Figure:
    """Return a column of images for each class that there are images of.

    Args:
        images: uint8 (N, H, W, C), from which the first of each class are taken.
        classes: of the first images or of all.
        source: name of the data.
    """
    named = classes.named
    tables = [
        _items_table(images, classes, named[start : start + COLUMNS], min(COLUMNS, len(named)))
        for start in range(0, len(named), COLUMNS)
    ]
    height = sum(table.height for table in tables) + BREAK * (len(tables) - 1)
    title = "Items of each class"
    figure, canvas = page(TOP + height + BOTTOM, title, source, classes.note)
    top: float = TOP
    for table in tables:
        table.draw(canvas, top)
        top += table.height + BREAK
    return figure


def _items_table(
    images: Images, classes: Classes, labels: Sequence[int], columns: int
) -> ImageTable:
    """Return a column for each of `labels`, as wide as where there are `columns` of them."""
    members = [np.flatnonzero(classes.labels == label)[:EXAMPLES] for label in labels]
    rows = []
    for index in range(max(map(len, members))):
        # A class of fewer images has blank paper in their place.
        row = np.zeros((len(members), *images.shape[1:]), np.uint8)
        for image, column in zip(row, members, strict=True):
            if index < len(column):
                image[:] = images[column[index]]
        rows.append(Row(row))
    pitch = (WIDTH - 2 * MARGIN + GAP) / columns
    headings = [classes.short_name(label, HEADING) for label in labels]
    return ImageTable(rows, headings, width=pitch * len(labels) - GAP)
