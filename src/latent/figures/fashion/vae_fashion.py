"""Figures of the VAE of Fashion-MNIST: 3-10, 3-13, 3-14, and of its training."""

import numpy as np
from scipy.stats import norm

from latent.figures.common.style import save_figure
from latent.figures.fashion.classes import read_classes
from latent.figures.fashion.decoded import crossings, decoded_figure, p_line
from latent.figures.fashion.embeddings import p_values_figure
from latent.figures.fashion.generated import generated_figure
from latent.figures.fashion.points import DIMENSIONS
from latent.figures.fashion.reconstructed import RECONSTRUCTED, reconstructed_figure
from latent.figures.model.draw import draw_model
from latent.io.dataset import read_record, read_split, source_name
from latent.io.files import whole_folder
from latent.io.paths import ModelPaths
from latent.latent_space.points import read_points
from latent.latent_space.sampling import sample_prior
from latent.models.inference import decode
from latent.models.storage import load_model
from latent.params import PlaneFigures

ARCHITECTURE = ("3-10", "Architecture of the variational autoencoder")


def draw_vae_fashion(paths: ModelPaths, params: PlaneFigures) -> None:
    """Draw the figures of the VAE of Fashion-MNIST, as a folder written whole or not at all.

    The embeddings are z_mean. If the latent space has more than two dimensions, the figures show
    the first two and name them. The grid of decoded points (3-14) requires exactly two: a point of
    a plane does not determine the other coordinates.

    Args:
        paths: paths of the model, its history, its embeddings, its dataset and the figures.
        params: numbers of points and images to show, and the seed.

    Raises:
        InputError: a file is missing or damaged, or the embeddings do not belong to the dataset.
    """
    record = read_record(paths.dataset.processed)
    source = source_name(record)
    split = read_split(paths.dataset.processed, "test")
    z_mean = read_points(paths.embeddings / "test_z_mean.npy", split)
    z_log_var = read_points(paths.embeddings / "test_z_log_var.npy", split)
    z = z_mean[: params.embedded]
    classes = read_classes(record, split).first(params.embedded)
    decoder = load_model(paths.model / "decoder.keras")
    with whole_folder(paths.figures) as folder:
        draw_model(paths, decoder, (z_mean, z_log_var), source, ARCHITECTURE, folder)

        generated = sample_prior(params.generated, z.shape[1], params.seed)
        title = "Images generated from points sampled from the standard normal distribution"
        figure = generated_figure(z, generated, decode(decoder, generated), title, source)
        save_figure(figure, folder / "3-13_embeddings_and_samples.png")

        figure = p_values_figure(z, classes, source)
        save_figure(figure, folder / "3-14_by_label_and_p_values.png")
        if z.shape[1] == DIMENSIONS:
            line = p_line(params.grid)
            points = norm.ppf(crossings(line, line)).astype(np.float32)
            figure = decoded_figure(
                decode(decoder, points),
                (line, line),
                norm.cdf(z),
                classes,
                axis="Φ(z{})",
                title="Images decoded from a grid of evenly spaced p-values",
                source=source,
            )
            save_figure(figure, folder / "3-14_decoded_grid.png")

        # The chapter has no figure of reconstructions by this model.
        reconstructions = decode(decoder, z[:RECONSTRUCTED])
        figure = reconstructed_figure(split.images, z, reconstructions, source)
        save_figure(figure, folder / "reconstructions.png")
