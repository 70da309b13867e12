"""Pairwise cosine similarity of the attribute vectors, as a matrix."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from latent.figures.common.style import (
    BOTTOM,
    INK,
    MARGIN,
    TOP,
    WIDTH,
    number,
    page,
    panel,
    styled,
)

# Lengths are in units of the page.
LABEL = 112  # space for the names, to the left of the matrix and above it
BAR = 12  # width of the colour bar
BAR_ROOM = 60  # width of the colour bar with its ticks and its distance from the matrix
LARGEST = 44  # maximum width of a cell
NUMBERED = 20  # maximum number of attributes for which the values are written into the cells
COLOURS = "RdBu_r"  # white at 0


@styled
def cosines_figure(cosines: pd.DataFrame, source: str) -> Figure:
    """Return a page with the matrix of cosine similarities, sorted by similarity.

    Args:
        cosines: cosine similarities. Index and columns are the names of the attributes. Attributes
            whose values are all NaN are left out. At least one attribute must remain.
        source: name of the data.
    """
    shown = cosines.dropna(how="all").dropna(axis=1, how="all")
    order = similar_order(shown.to_numpy())
    values = shown.to_numpy()[np.ix_(order, order)]
    names = [str(shown.index[row]).replace("_", " ") for row in order]
    side = min(LARGEST, (WIDTH - 2 * MARGIN - LABEL - BAR_ROOM) / len(names))
    size = side * len(names)
    top = TOP + LABEL - MARGIN
    title = "Pairwise cosine similarity of the attribute vectors"
    without = len(cosines) - len(shown)
    note = "1: same direction, 0: orthogonal, −1: opposite direction. Sorted by similarity."
    if without:
        note += f" Not shown: {without} without a vector."
    figure, _ = page(top + size + BOTTOM + MARGIN, title, source, note)
    left = MARGIN + LABEL
    axes = panel(figure, left, top, size, size)
    axes.grid(False)
    image = axes.imshow(values, cmap=COLOURS, vmin=-1, vmax=1, interpolation="nearest")
    axes.spines[:].set_visible(False)
    places = range(len(names))
    axes.set_yticks(places, labels=names)
    axes.set_xticks(places, labels=names, rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=3)
    if len(names) <= NUMBERED:
        for (row, column), value in np.ndenumerate(values):
            ink = "#ffffff" if abs(value) > 0.6 else INK
            axes.text(column, row, number(value, 2), ha="center", va="center", size=6, color=ink)
    bar = figure.colorbar(image, cax=panel(figure, left + size + MARGIN, top, BAR, size))
    bar.outline.set_visible(False)
    bar.set_ticks([-1, 0, 1], labels=["−1", "0", "1"])
    return figure


def similar_order(cosines: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the row indices of a matrix of cosines in an order in which neighbours are similar.

    It is the optimal leaf order (Bar-Joseph et al., Bioinformatics 17, 2001) of the hierarchical
    clustering by average linkage of the distances 1 − cosine.

    Args:
        cosines: float64 (A, A), symmetric, finite.

    Returns:
        A permutation of 0 to A − 1, integers (A,).
    """
    if len(cosines) < 2:
        return np.arange(len(cosines))
    distances = squareform(np.clip(1 - cosines, 0, 2), checks=False)
    order: NDArray[np.intp] = leaves_list(linkage(distances, "average", optimal_ordering=True))
    return order
