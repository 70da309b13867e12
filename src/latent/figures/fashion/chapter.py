"""The figures that belong to no model: normal densities (3-11), and two latent spaces compared."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from latent.figures.common.normal import density
from latent.figures.common.style import (
    ACCENT,
    BOTTOM,
    INK,
    MARGIN,
    MEDIUM,
    TOP,
    WIDTH,
    legend,
    page,
    panel,
    save_figure,
    source_name,
    styled,
)
from latent.figures.fashion.classes import Classes, read_classes
from latent.figures.fashion.points import Points, first_two, frame, scatter, shown_dimensions
from latent.io.dataset import read_record, read_split
from latent.io.files import whole_folder
from latent.io.paths import DatasetPaths, ModelPaths
from latent.latent_space.points import read_points
from latent.params import ChapterFigures

TICKS = 40  # room for an axis' ticks and name, in units of the page
SPACE = 24  # between the axes of the pair
LEGEND = 36  # height of the first row of class names
ROW = 16  # and of each other one
DOT = 20  # width of a dot before a name, with the space around it
LETTER = 6  # width of a letter of a name
SPACES = {"ae_fashion": "autoencoder", "vae_fashion": "variational autoencoder"}
HOLDS = 0.95  # of N(0, I) in two dimensions, inside the circle of this radius
RADIUS = float(np.sqrt(-2 * np.log(1 - HOLDS)))
CIRCLE = f"Dashed: the circle that holds {100 * HOLDS:.0f} % of N(0, I)."

DENSITY_HEIGHT = 340
REACH = 5  # of the densities' axis, on each side
# Mean, variance, colour, and where beside its curve a density is named (left or right of x).
DENSITIES = (
    (0, 0.2, "#3f90da", 0.45, "left"),
    (0, 1, ACCENT, 1.15, "left"),
    (0, 5, "#e7a01a", 2.6, "left"),
    (-2, 0.5, "#832db6", -2.55, "right"),
)


def draw_chapter(params: ChapterFigures, folder: Path, root: Path = Path()) -> None:
    """Draw the figures that belong to no single model into `folder`, made whole or not at all.

    Args:
        params: how much to show.
        folder: for the PNG files.
        root: the folder that the paths of embeddings and dataset start from.

    Raises:
        InputError: a file is missing or damaged, or the embeddings are not those of the data set.
    """
    dataset = DatasetPaths("fashion", root).processed
    record = read_record(dataset)
    source = source_name(record)
    split = read_split(dataset, "test")
    spaces = [
        read_points(ModelPaths(name, root).embeddings / "test_z_mean.npy", split)[: params.embedded]
        for name in SPACES
    ]
    classes = read_classes(record, split).first(params.embedded)
    with whole_folder(folder) as drawn:
        save_figure(densities_figure(), drawn / "3-11_normal_densities.png")
        save_figure(pair_figure(spaces, classes, source), drawn / "ae_and_vae_embeddings.png")


@styled
def densities_figure() -> Figure:
    """Return the densities of normal distributions of several means μ and variances σ²."""
    title = "The normal distribution N(μ, σ²), by its mean and its variance"
    figure, _ = page(TOP + DENSITY_HEIGHT + TICKS, title, source="")
    axes = panel(figure, MARGIN + TICKS, TOP, WIDTH - 2 * MARGIN - TICKS, DENSITY_HEIGHT)
    z = np.linspace(-REACH, REACH, 501)
    for mean, variance, colour, at, side in DENSITIES:
        deviation = np.sqrt(variance)
        heights = density((z - mean) / deviation) / deviation
        axes.plot(z, heights, color=colour, linewidth=2)
        axes.annotate(
            f"μ = {mean}, σ² = {variance}".replace("-", "−"),
            (at, np.interp(at, z, heights)),
            xytext=(8 if side == "left" else -8, 8),
            textcoords="offset points",
            ha=side,
            size=MEDIUM,
            color=INK,
        )
    axes.set_xlim(-REACH, REACH)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("z")
    axes.set_ylabel("density", rotation=0, ha="center", va="bottom")
    axes.yaxis.set_label_coords(0, 1.01)
    return figure


@styled
def pair_figure(spaces: Sequence[Points], classes: Classes, source: str) -> Figure:
    """Return the latent spaces of the autoencoder and the VAE side by side, on the same axes.

    Args:
        spaces: embeddings of the same images, (N, latent_dim) each, in the order of `SPACES`.
        classes: of the N images.
        source: name of the data.
    """
    side = (WIDTH - 2 * MARGIN - 2 * TICKS - SPACE) / 2
    names = [classes.short_name(label) for label in classes.named]
    pitch, rows = _columns(names)
    top = TOP + LEGEND + (len(rows) - 1) * ROW
    figure, canvas = page(
        top + side + TICKS + BOTTOM,
        f"{len(classes.labels):,} test images in two latent spaces, on one scale",
        source,
        note=" ".join([CIRCLE, classes.note]).rstrip(),
    )
    points = [first_two(z) for z in spaces]
    everything = np.concatenate([*points, [[-RADIUS, -RADIUS], [RADIUS, RADIUS]]])
    lefts = (MARGIN + TICKS, WIDTH - MARGIN - side)
    for z, shown, name, left in zip(spaces, points, SPACES.values(), lefts, strict=True):
        axes = panel(figure, left, top, side, side)
        scatter(axes, shown, classes)
        axes.add_patch(Circle((0, 0), RADIUS, fill=False, color=INK, linestyle="--", zorder=3))
        frame(axes, everything)
        title = name + shown_dimensions(z.shape[1])
        canvas.text(left + side / 2, top - 8, title, ha="center", va="bottom", size=MEDIUM)
    colours = [classes.colours[label] for label in classes.named]
    for number, row in enumerate(rows):
        legend(canvas, TOP - 6 + number * ROW, names[row], colours[row], pitch)
    return figure


def _columns(names: Sequence[str]) -> tuple[float, list[slice]]:
    """Return how far apart the names of a legend stand, and which of them share a row."""
    room = WIDTH - 2 * MARGIN
    needed = DOT + LETTER * max(map(len, names))
    columns = min(len(names), max(1, int(room // needed)))
    rows = [slice(start, start + columns) for start in range(0, len(names), columns)]
    return room / columns, rows
