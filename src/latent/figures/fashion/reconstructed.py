"""Test images, where they lie in the plane, and what comes back: figure 3-6."""

from matplotlib.figure import Figure

from latent.figures.common.images import Images, reconstructions_figure
from latent.figures.fashion.points import Points, coordinates

RECONSTRUCTED = 8  # images, whose points then do not touch each other


def reconstructed_figure(images: Images, z: Points, reconstructions: Images, source: str) -> Figure:
    """Return the first images, above their points and their reconstructions.

    Args:
        images: uint8 (N, H, W, C).
        z: the images' points, (N, latent_dim).
        reconstructions: of the first M images, uint8 (M, H, W, C).
        source: name of the data.
    """
    count = len(reconstructions)
    title = "Test images, their points in the latent space, and their reconstructions"
    captions = [coordinates(point) for point in z[:count]]
    return reconstructions_figure(images[:count], reconstructions, title, source, captions)
