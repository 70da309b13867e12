"""Test images, their embeddings and their reconstructions: figure 3-6."""

from matplotlib.figure import Figure

from latent.figures.common.images import Images, reconstructions_figure
from latent.figures.fashion.points import Points, coordinates

RECONSTRUCTED = 8  # number of images; captions of more images would overlap


def reconstructed_figure(images: Images, z: Points, reconstructions: Images, source: str) -> Figure:
    """Return a page with the first images, their embeddings and their reconstructions.

    Args:
        images: uint8 (N, H, W, C).
        z: embeddings of the images, (N, latent_dim).
        reconstructions: reconstructions of the first M images, uint8 (M, H, W, C).
        source: name of the data.
    """
    count = len(reconstructions)
    title = "Test images, their embeddings and their reconstructions"
    captions = [coordinates(point) for point in z[:count]]
    return reconstructions_figure(images[:count], reconstructions, title, source, captions)
