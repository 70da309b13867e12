"""The figures of the autoencoder: 3-2 to 3-4, 3-6 to 3-9, and of its training."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latent.data.dataset import read_record, read_split
from latent.figures.images import (
    Images,
    ImageTable,
    Row,
    image_figure,
)
from latent.figures.inputs import read_points
from latent.figures.model.draw import draw_model
from latent.figures.plane.decoded import box_lines, crossings, decoded_figure
from latent.figures.plane.embeddings import embeddings_figure
from latent.figures.plane.generated import generated_figure
from latent.figures.plane.points import DIMENSIONS
from latent.figures.plane.reconstructed import RECONSTRUCTED, reconstructed_figure
from latent.figures.style import FASHION_CLASSES, save_figure, source_name
from latent.files import whole_folder
from latent.models.inference import decode
from latent.models.storage import load_model
from latent.params import PlaneFigures
from latent.space.sampling import sample_bounding_box

ARCHITECTURE = ("3-04", "The autoencoder, layer by layer")
EXAMPLES = 4  # images of each class in figure 3-3, at most


def draw_ae_fashion(
    model: Path,
    history: Path,
    embeddings: Path,
    dataset: Path,
    params: PlaneFigures,
    folder: Path,
) -> None:
    """Draw the figures of the autoencoder into `folder`, made whole or not at all.

    Of a space of more than two dimensions they show the first two and say so; the grid of decoded
    points (3-9) is left out, for a plane's points would not say where they lie in the others.

    Args:
        model: folder with encoder.keras, decoder.keras and samples.npy.
        history: CSV file of the training.
        embeddings: folder with test_z_mean.npy.
        dataset: processed data set that was embedded.
        params: how much to show, and the seed.
        folder: for the PNG and GIF files.

    Raises:
        InputError: a file is missing or damaged, or the embeddings are not those of the data set.
    """
    source = source_name(read_record(dataset))
    split = read_split(dataset, "test")
    z = read_points(embeddings / "test_z_mean.npy", split)[: params.embedded]
    labels = split.table["label"].to_numpy()[: params.embedded]
    decoder = load_model(model / "decoder.keras")
    with whole_folder(folder) as drawn:
        draw_model(model, decoder, history, None, source, ARCHITECTURE, drawn)
        save_figure(embeddings_figure(z, None, source), drawn / "3-02_embeddings.png")
        save_figure(items_figure(split.images, labels, source), drawn / "3-03_items.png")

        reconstructions = decode(decoder, z[:RECONSTRUCTED])
        save_figure(
            reconstructed_figure(split.images, z, reconstructions, source),
            drawn / "3-06_reconstructions.png",
        )
        save_figure(embeddings_figure(z, labels, source), drawn / "3-07_embeddings_by_label.png")

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
                    labels,
                    axis="z{}",
                    title="The latent space, decoded point by point",
                    source=source,
                ),
                drawn / "3-09_decoded_grid.png",
            )


def items_figure(images: Images, labels: NDArray[np.integer], source: str) -> Figure:
    """Return a column of images for each class that there are images of.

    Args:
        images: uint8 (N, H, W, C), from which the first of each class are taken.
        labels: numbers of classes, of the first images or of all.
        source: name of the data.
    """
    columns = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    # As many rows as every class can fill.
    count = min(EXAMPLES, *(len(column) for column in columns))
    rows = [Row(images[[column[row] for column in columns]]) for row in range(count)]
    headings = [FASHION_CLASSES[label] for label in np.unique(labels)]
    return image_figure(ImageTable(rows, headings), "Items of each class", source)
