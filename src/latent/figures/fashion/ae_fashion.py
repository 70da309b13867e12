"""Figures of the autoencoder: 3-2 to 3-4, 3-6 to 3-9, and of its training."""

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
    styled,
)
from latent.figures.fashion.classes import Classes, read_classes
from latent.figures.fashion.decoded import box_lines, crossings, decoded_figure
from latent.figures.fashion.embeddings import embeddings_figure
from latent.figures.fashion.generated import generated_figure
from latent.figures.fashion.points import DIMENSIONS
from latent.figures.fashion.reconstructed import RECONSTRUCTED, reconstructed_figure
from latent.figures.model.draw import draw_model
from latent.io.dataset import read_record, read_split, source_name
from latent.io.files import read_json, whole_folder
from latent.io.paths import ModelPaths
from latent.latent_space.points import read_points
from latent.latent_space.sampling import sample_bounding_box
from latent.models.inference import decode, denoise
from latent.models.storage import load_model
from latent.params import PlaneFigures

ARCHITECTURE = ("3-04", "Architecture of the autoencoder")
NOISE_STD = "train_ae.fashion.noise_std"  # key of the parameters in provenance.json
EXAMPLES = 4  # maximum number of images of each class in figure 3-3
HEADING = 14  # maximum number of characters of a class name above its images


def draw_ae_fashion(paths: ModelPaths, params: PlaneFigures) -> None:
    """Draw the figures of the autoencoder into their folder, which is written whole or not at all.

    If the latent space has more than two dimensions, the figures show the first two and name them.
    The grid of decoded points (3-9) requires exactly two: a point of a plane does not determine the
    other coordinates. An autoencoder trained with noise has an additional figure of denoised
    images.

    Args:
        paths: paths of the model, its history, its embeddings, its dataset and the figures.
        params: numbers of points and images to show, and the seed.

    Raises:
        InputError: a file is missing or damaged, or the embeddings do not belong to the dataset.
    """
    record = read_record(paths.dataset.processed)
    source = source_name(record)
    noise_std = read_json(paths.provenance)["parameters"].get(NOISE_STD)
    split = read_split(paths.dataset.processed, "test")
    z = read_points(paths.embeddings / "test_z_mean.npy", split)[: params.embedded]
    classes = read_classes(record, split).first(params.embedded)
    decoder = load_model(paths.model / "decoder.keras")
    with whole_folder(paths.figures) as folder:
        draw_model(paths, decoder, None, source, ARCHITECTURE, folder)

        figure = embeddings_figure(z, None, source)
        save_figure(figure, folder / "3-02_embeddings.png")
        figure = items_figure(split.images, classes, source)
        save_figure(figure, folder / "3-03_items.png")

        reconstructions = decode(decoder, z[:RECONSTRUCTED])
        figure = reconstructed_figure(split.images, z, reconstructions, source)
        save_figure(figure, folder / "3-06_reconstructions.png")

        figure = embeddings_figure(z, classes, source)
        save_figure(figure, folder / "3-07_embeddings_by_label.png")

        generated = sample_bounding_box(z, params.generated, params.seed)
        title = (
            "Images generated from points sampled uniformly in the bounding box of the embeddings"
        )
        figure = generated_figure(z, generated, decode(decoder, generated), title, source)
        save_figure(figure, folder / "3-08_generated.png")

        if z.shape[1] == DIMENSIONS:
            lines = box_lines(z, params.grid)
            figure = decoded_figure(
                decode(decoder, crossings(*lines)),
                lines,
                z,
                classes,
                axis="z{}",
                title="Images decoded from a grid of points in the latent space",
                source=source,
            )
            save_figure(figure, folder / "3-09_decoded_grid.png")

        if noise_std:
            images = split.images[:COLUMNS]
            encoder = load_model(paths.model / "encoder.keras")
            noisy, denoised = next(denoise(encoder, decoder, images, noise_std, params.seed))
            figure = denoised_figure(images, noisy, denoised, noise_std, source)
            save_figure(figure, folder / "denoised.png")


def denoised_figure(
    images: Images,
    noisy: NDArray[np.float32],
    denoised: Images,
    noise_std: float,
    source: str,
) -> Figure:
    """Return a page with rows of original, noisy and denoised images.

    Args:
        images: uint8 (N, H, W, C).
        noisy: the images in [0, 1] plus noise, float32 (N, H, W, C). Values outside [0, 1] are
            clipped.
        denoised: uint8 (N, H, W, C).
        noise_std: standard deviation of the noise.
        source: name of the data.
    """
    noisy_images = np.rint(noisy.clip(0, 1) * 255).astype(np.uint8)
    rows = [Row(images, "original"), Row(noisy_images, "noisy"), Row(denoised, "denoised")]
    title = f"Denoising of test images with Gaussian noise of standard deviation {noise_std:g}"
    return image_figure(ImageTable(rows), title, source)


@styled
def items_figure(images: Images, classes: Classes, source: str) -> Figure:
    """Return a page with a column of images for each class that has images.

    Args:
        images: uint8 (N, H, W, C). The first images of each class are shown.
        classes: classes of the first images or of all of them.
        source: name of the data.
    """
    named = classes.named
    tables = [
        _items_table(images, classes, named[start : start + COLUMNS], min(COLUMNS, len(named)))
        for start in range(0, len(named), COLUMNS)
    ]
    height = sum(table.height for table in tables) + BREAK * (len(tables) - 1)
    title = "Example images of each class"
    figure, canvas = page(TOP + height + BOTTOM, title, source, classes.note)
    top: float = TOP
    for table in tables:
        table.draw(canvas, top)
        top += table.height + BREAK
    return figure


def _items_table(
    images: Images, classes: Classes, labels: Sequence[int], columns: int
) -> ImageTable:
    """Return a table with a column per label, as wide as if it were one of `columns` columns."""
    members = [np.flatnonzero(classes.labels == label)[:EXAMPLES] for label in labels]
    rows = []
    for index in range(max(map(len, members))):
        # Classes with fewer images have blank images: zeros are drawn as white.
        row = np.zeros((len(members), *images.shape[1:]), np.uint8)
        for image, column in zip(row, members, strict=True):
            if index < len(column):
                image[:] = images[column[index]]
        rows.append(Row(row))
    pitch = (WIDTH - 2 * MARGIN + GAP) / columns
    headings = [classes.short_name(label, HEADING) for label in labels]
    return ImageTable(rows, headings, width=pitch * len(labels) - GAP)
