"""Generates images like those of Fashion-MNIST, to run the pipeline without a download."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from latent.download.fashion.sample.bags import bag
from latent.download.fashion.sample.footwear import ankle_boot, sandal, sneaker
from latent.download.fashion.sample.outlines import Part, chance
from latent.download.fashion.sample.tops import coat, dress, pullover, shirt, t_shirt
from latent.download.fashion.sample.trousers import trousers

SIZE = 28
CLASSES = 10
OVERSAMPLING = 4  # images are painted at this scale and then averaged, for smooth edges

DRAWERS: tuple[Callable[[Generator], list[Part]], ...] = (
    t_shirt,
    trousers,
    pullover,
    dress,
    coat,
    sandal,
    shirt,
    sneaker,
    bag,
    ankle_boot,
)
# Probability of a pattern on the fabric, for each class.
PATTERN_PROBABILITIES = (0.3, 0.08, 0.25, 0.3, 0.06, 0.08, 0.55, 0.12, 0.2, 0.08)

ROWS: NDArray[np.float64]
COLUMNS: NDArray[np.float64]
ROWS, COLUMNS = np.indices((SIZE, SIZE), dtype=np.float64)


def draw_garments(count: int, seed: int, split: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Generate labelled images of garments.

    Garment `i` depends only on `seed`, `split` and `i`, so a larger set starts with the images of a
    smaller one. Each block of ten labels contains every class once, in random order.

    Args:
        count: Number of garments.
        seed: Seed of the random generators, 0 or greater.
        split: 0 for training images, 1 for test images.

    Returns:
        Images of shape (count, 28, 28) and labels of shape (count,), both uint8. The labels are
        those of Fashion-MNIST: 0 T-shirt/top, 1 Trouser, 2 Pullover, 3 Dress, 4 Coat, 5 Sandal,
        6 Shirt, 7 Sneaker, 8 Bag, 9 Ankle boot.
    """
    images = np.empty((count, SIZE, SIZE), dtype=np.uint8)
    labels = np.empty(count, dtype=np.uint8)
    for start in range(0, count, CLASSES):
        # The fourth number separates this random stream from those of the images.
        order = np.random.default_rng([seed, split, start, 1]).permutation(CLASSES)
        labels[start : start + CLASSES] = order[: count - start]
    for index, label in enumerate(labels.tolist()):
        images[index] = _draw_garment(label, np.random.default_rng([seed, split, index]))
    return images, labels


def _draw_garment(label: int, rng: Generator) -> NDArray[np.uint8]:
    """Generate one garment of the class `label`, an image of shape (28, 28)."""
    image = _paint(DRAWERS[label](rng), rng)
    brightness = _shading(rng)
    if chance(rng, PATTERN_PROBABILITIES[label]):
        brightness *= _pattern(rng)
    # Multiplication keeps the background at 0.
    return np.rint(np.minimum(image * brightness, 255.0)).astype(np.uint8)


def _paint(parts: list[Part], rng: Generator) -> NDArray[np.uint8]:
    """Scale the parts so that the longer side fills the frame, then paint them in order."""
    points = np.array([point for part in parts for point in part.points])
    points *= (rng.uniform(0.94, 1.06), 1.0)
    points += points[:, ::-1] * rng.uniform(-0.035, 0.035, size=2)  # a slight rotation and shear
    low, high = points.min(axis=0), points.max(axis=0)
    scale = OVERSAMPLING * (SIZE - rng.uniform(0.0, 1.2)) / (high - low).max()
    # Whole numbers make the result independent of how Pillow rounds coordinates.
    pixels = np.rint((points - (low + high) / 2) * scale + OVERSAMPLING * SIZE / 2)
    corners = [(int(x), int(y)) for x, y in pixels.tolist()]

    canvas = Image.new("L", (OVERSAMPLING * SIZE, OVERSAMPLING * SIZE))
    brush = ImageDraw.Draw(canvas)
    start = 0
    for part in parts:
        end = start + len(part.points)
        tone = round(255 * min(part.tone, 1.0))
        if part.width > 0:
            brush.line(corners[start:end], tone, max(1, round(part.width * scale)))
        else:
            brush.polygon(corners[start:end], tone)
        start = end
    return np.asarray(canvas.reduce(OVERSAMPLING))


def _wave(phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a triangle wave between 0 and 1 with a period of 1."""
    wave: NDArray[np.float64] = np.abs(phase % 1.0 - 0.5) * 2.0
    return wave


def _shading(rng: Generator) -> NDArray[np.float64]:
    """Sample factors of about 1 for each pixel: a gradient of light, folds and the weave."""
    right, down = rng.uniform(-0.008, 0.008), rng.uniform(-0.008, 0.008)
    gradient = 1.0 + right * (COLUMNS - SIZE / 2) + down * (ROWS - SIZE / 2)
    pitch, slant = rng.uniform(0.06, 0.2), rng.uniform(-0.06, 0.06)
    folds = _wave(COLUMNS * pitch + ROWS * slant + rng.random()) - 0.5
    weave = rng.random((SIZE, SIZE)) - 0.5
    return gradient + rng.uniform(0.0, 0.22) * folds + rng.uniform(0.04, 0.2) * weave


def _pattern(rng: Generator) -> NDArray[np.float64]:
    """Sample factors of at most 1 for each pixel: hoops, stripes, checks, dots or blossoms."""
    depth = rng.uniform(0.25, 0.7)
    pitch = rng.uniform(0.14, 0.34)
    across = _wave(ROWS * pitch + rng.random())
    along = _wave(COLUMNS * pitch + rng.random())
    kinds = ("hoops", "stripes", "checks", "dots", "blossoms")
    match rng.choice(kinds, p=(0.3, 0.1, 0.2, 0.1, 0.3)):
        case "hoops":
            dark = (across > 0.5).astype(np.float64)
        case "stripes":
            dark = (along > 0.5).astype(np.float64)
        case "checks":
            dark = (across + along) / 2
        case "dots":
            dark = (across + along > 1.35).astype(np.float64)
        case _:
            dark = np.repeat(np.repeat(rng.random((14, 14)), 2, axis=0), 2, axis=1)
            dark = dark * 0.6 + rng.random((SIZE, SIZE)) * 0.4
    return 1.0 - depth * dark
