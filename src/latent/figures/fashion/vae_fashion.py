"""The figures of the VAE of garments: 3-10, 3-13, 3-14, and of its training."""

import numpy as np

from latent.figures.common.normal import p_values, quantiles
from latent.figures.common.style import save_figure, source_name
from latent.figures.fashion.classes import read_classes
from latent.figures.fashion.decoded import crossings, decoded_figure, p_line
from latent.figures.fashion.embeddings import p_values_figure
from latent.figures.fashion.generated import generated_figure
from latent.figures.fashion.points import DIMENSIONS
from latent.figures.fashion.reconstructed import RECONSTRUCTED, reconstructed_figure
from latent.figures.model.draw import draw_model
from latent.io.dataset import read_record, read_split
from latent.io.files import whole_folder
from latent.io.paths import ModelPaths
from latent.latent_space.points import read_points
from latent.latent_space.sampling import sample_prior
from latent.models.inference import decode
from latent.models.storage import load_model
from latent.params import PlaneFigures

ARCHITECTURE = ("3-10", "The variational autoencoder, layer by layer")


def draw_vae_fashion(paths: ModelPaths, params: PlaneFigures) -> None:
    """Draw the figures of the VAE of garments into their folder, made whole or not at all.

    Embeddings are z_mean. Of a space of more than two dimensions the figures show the first two
    and say so; the grid of decoded points is left out, for a plane's points would not say where
    they lie in the others.

    Args:
        paths: of the model, its history, its embeddings, its dataset and the figures.
        params: how much to show, and the seed.

    Raises:
        InputError: a file is missing or damaged, or the embeddings are not those of the data set.
    """
    record = read_record(paths.dataset.processed)
    source = source_name(record)
    split = read_split(paths.dataset.processed, "test")
    z_mean = read_points(paths.embeddings / "test_z_mean.npy", split)
    z_log_var = read_points(paths.embeddings / "test_z_log_var.npy", split)
    z = z_mean[: params.embedded]
    classes = read_classes(record, split).first(params.embedded)
    decoder = load_model(paths.model / "decoder.keras")
    with whole_folder(paths.figures) as drawn:
        posteriors = (z_mean, z_log_var)
        draw_model(paths, decoder, posteriors, source, ARCHITECTURE, drawn)
        generated = sample_prior(params.generated, z.shape[1], params.seed)
        title = "Points drawn from the standard normal distribution, decoded"
        save_figure(
            generated_figure(z, generated, decode(decoder, generated), title, source),
            drawn / "3-13_embeddings_and_samples.png",
        )
        save_figure(p_values_figure(z, classes, source), drawn / "3-14_by_label_and_p_values.png")
        if z.shape[1] == DIMENSIONS:
            line = p_line(params.grid)
            points = quantiles(crossings(line, line)).astype(np.float32)
            save_figure(
                decoded_figure(
                    decode(decoder, points),
                    (line, line),
                    p_values(z),
                    classes,
                    axis="Φ(z{})",
                    title="The latent space, decoded at evenly spaced p-values",
                    source=source,
                ),
                drawn / "3-14_decoded_grid.png",
            )
        # The chapter has no such figure of this model.
        reconstructions = decode(decoder, z[:RECONSTRUCTED])
        save_figure(
            reconstructed_figure(split.images, z, reconstructions, source),
            drawn / "reconstructions.png",
        )
