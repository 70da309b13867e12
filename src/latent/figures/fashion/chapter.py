"""Figures of no single model: normal densities (3-11) and a comparison of two latent spaces."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from scipy.stats import norm

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
    styled,
)
from latent.figures.fashion.classes import Classes, read_classes
from latent.figures.fashion.points import Points, first_two, frame, scatter, shown_dimensions
from latent.io.dataset import read_record, read_split, source_name
from latent.io.files import whole_folder
from latent.io.paths import DatasetPaths, ModelPaths
from latent.latent_space.points import read_points
from latent.params import ChapterFigures

# Lengths are in units of the page.
TICKS = 40  # space for the ticks and the label of an axis
SPACE = 24  # between the two panels
LEGEND = 36  # height of the first row of the legend
ROW = 16  # height of each further row
DOT = 20  # width of a dot in the legend, including the space around it
LETTER = 6  # width of a letter in the legend
SPACES = {"ae_fashion": "autoencoder", "vae_fashion": "variational autoencoder"}
# The circle with this radius contains this share of N(0, I) in two dimensions.
SHARE = 0.95
RADIUS = float(np.sqrt(-2 * np.log(1 - SHARE)))
CIRCLE = f"Dashed circle: contains {100 * SHARE:.0f} % of N(0, I)."

DENSITY_HEIGHT = 340
Z_MAX = 5  # the densities are drawn from −Z_MAX to Z_MAX
# Mean, variance and colour of a curve; position z and horizontal alignment of its label.
DENSITIES = (
    (0, 0.2, "#3f90da", 0.45, "left"),
    (0, 1, ACCENT, 1.15, "left"),
    (0, 5, "#e7a01a", 2.6, "left"),
    (-2, 0.5, "#832db6", -2.55, "right"),
)


def draw_chapter(params: ChapterFigures, folder: Path, root: Path = Path()) -> None:
    """Draw the figures of no single model into `folder`, which is written whole or not at all.

    Args:
        params: number of embeddings to show.
        folder: folder of the PNG files.
        root: folder to which the paths of the embeddings and the dataset are relative.

    Raises:
        InputError: a file is missing or damaged, or the embeddings do not belong to the dataset.
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
    with whole_folder(folder) as new_folder:
        save_figure(densities_figure(), new_folder / "3-11_normal_densities.png")
        save_figure(pair_figure(spaces, classes, source), new_folder / "ae_and_vae_embeddings.png")


@styled
def densities_figure() -> Figure:
    """Return the densities of normal distributions with several means μ and variances σ²."""
    title = "Density of the normal distribution N(μ, σ²) for several means and variances"
    figure, _ = page(TOP + DENSITY_HEIGHT + TICKS, title, source="")
    axes = panel(figure, MARGIN + TICKS, TOP, WIDTH - 2 * MARGIN - TICKS, DENSITY_HEIGHT)
    z = np.linspace(-Z_MAX, Z_MAX, 501)
    for mean, variance, colour, at, alignment in DENSITIES:
        heights = norm.pdf(z, mean, np.sqrt(variance))
        axes.plot(z, heights, color=colour, linewidth=2)
        axes.annotate(
            f"μ = {mean}, σ² = {variance}".replace("-", "−"),
            (at, np.interp(at, z, heights)),
            xytext=(8 if alignment == "left" else -8, 8),
            textcoords="offset points",
            ha=alignment,
            size=MEDIUM,
            color=INK,
        )
    axes.set_xlim(-Z_MAX, Z_MAX)
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
        classes: classes of the N images.
        source: name of the data.
    """
    side = (WIDTH - 2 * MARGIN - 2 * TICKS - SPACE) / 2
    names = [classes.short_name(label) for label in classes.named]
    pitch, rows = _legend_layout(names)
    top = TOP + LEGEND + (len(rows) - 1) * ROW
    title = "Latent spaces of the autoencoder and the VAE, on the same axes"
    note = f"{len(classes.labels):,} test images. {CIRCLE} {classes.note}".rstrip()
    figure, canvas = page(top + side + TICKS + BOTTOM, title, source, note)
    points = [first_two(z) for z in spaces]
    visible = np.concatenate([*points, [[-RADIUS, -RADIUS], [RADIUS, RADIUS]]])
    lefts = (MARGIN + TICKS, WIDTH - MARGIN - side)
    for z, shown, name, left in zip(spaces, points, SPACES.values(), lefts, strict=True):
        axes = panel(figure, left, top, side, side)
        scatter(axes, shown, classes)
        axes.add_patch(Circle((0, 0), RADIUS, fill=False, color=INK, linestyle="--", zorder=3))
        frame(axes, visible)
        title = name + shown_dimensions(z.shape[1])
        canvas.text(left + side / 2, top - 8, title, ha="center", va="bottom", size=MEDIUM)
    colours = [classes.colours[label] for label in classes.named]
    for number, row in enumerate(rows):
        legend(canvas, TOP - 6 + number * ROW, names[row], colours[row], pitch)
    return figure


def _legend_layout(names: Sequence[str]) -> tuple[float, list[slice]]:
    """Return the distance from one name of a legend to the next, and the names in each row."""
    width = WIDTH - 2 * MARGIN
    needed = DOT + LETTER * max(map(len, names))
    columns = min(len(names), max(1, int(width // needed)))
    rows = [slice(start, start + columns) for start in range(0, len(names), columns)]
    return width / columns, rows
