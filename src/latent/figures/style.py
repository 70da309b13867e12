"""The look that all figures share: the page, its texts, its colours and its files."""

from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# A page is measured in units of which 900 are as wide as the page: the pixels of a README. Files
# have twice as many, for screens that show them.
WIDTH = 900
PIXELS_PER_UNIT = 2
UNITS_PER_INCH = 100

MARGIN = 16
TOP = 58  # where the body begins, below the title and a name of the vertical axis
BOTTOM = 30  # what is kept free below the body, for the footer

SMALL, MEDIUM, LARGE = 7.5, 9.0, 11.5  # font sizes, in points

INK = "#222222"
FAINT = "#8a8a8a"
POINT = "#333333"
ACCENT = "#bd1f01"

# Ten colours that people with any colour vision can tell apart: M. A. Petroff, Accessible Color
# Sequences for Data Visualization, arXiv:2107.02270. In an order that gives classes which are
# close to each other in a latent space colours which are far from each other.
CLASS_COLOURS = (
    "#ffa90e",
    "#94a4a2",
    "#3f90da",
    "#b9ac70",
    "#bd1f01",
    "#92dadd",
    "#832db6",
    "#717581",
    "#a96b59",
    "#e76300",
)
FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

SAMPLE_NAME = "drawn sample data"
DATASET_NAMES = {"fashion": "Fashion-MNIST", "faces": "CelebA"}

# Decorates what makes or saves a figure: it then depends on no matplotlibrc of the user.
styled = matplotlib.style.context(
    [
        "default",
        {
            "font.family": "DejaVu Sans",
            "font.size": MEDIUM,
            "text.color": INK,
            "axes.edgecolor": "#b0b0b0",
            "axes.labelcolor": INK,
            "axes.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.grid": True,
            "grid.color": "#ececec",
            "grid.linewidth": 0.8,
            "xtick.color": "#b0b0b0",
            "ytick.color": "#b0b0b0",
            "xtick.labelcolor": INK,
            "ytick.labelcolor": INK,
            "xtick.labelsize": SMALL,
            "ytick.labelsize": SMALL,
        },
    ]
)


@styled
def page(height: float, title: str, source: str) -> tuple[Figure, Axes]:
    """Return a new figure and an axes over all of it whose coordinates are the page's units.

    Args:
        height: of the page; x runs from 0 to WIDTH, y from 0 at the top to `height`.
        title: one short line at the top.
        source: name of the data, in the footer.
    """
    height = round(height)
    size = (WIDTH / UNITS_PER_INCH, height / UNITS_PER_INCH)
    figure = Figure(figsize=size, dpi=UNITS_PER_INCH * PIXELS_PER_UNIT)
    canvas = figure.add_axes((0, 0, 1, 1))
    canvas.set_axis_off()
    canvas.set_xlim(0, WIDTH)
    canvas.set_ylim(height, 0)
    canvas.text(MARGIN, MARGIN, title, va="top", size=LARGE, weight="bold")
    right, bottom = WIDTH - MARGIN, height - MARGIN / 2
    canvas.text(right, bottom, source, ha="right", va="bottom", size=SMALL, color=FAINT)
    return figure, canvas


@styled
def panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Return a new axes at that place of a page; ticks and labels come outside of it."""
    full = figure.get_figheight() * UNITS_PER_INCH
    return figure.add_axes((left / WIDTH, 1 - (top + height) / full, width / WIDTH, height / full))


@styled
def save_figure(figure: Figure, path: Path) -> None:
    """Write a page as PNG, the same bytes for the same page, and empty it."""
    # Matplotlib would write its own version into the file.
    figure.savefig(path, format="png", metadata={"Software": None})
    figure.clear()


def source_name(record: dict[str, Any]) -> str:
    """Return what to call the data of a dataset.json: the data set, or that it is drawn."""
    return SAMPLE_NAME if record["source"] == "sample" else DATASET_NAMES[record["name"]]


def number(value: float, digits: int) -> str:
    """Return `value` rounded, with a true minus sign and no sign at zero."""
    rounded = round(float(value), digits)
    return f"{abs(rounded):.{digits}f}" if rounded >= 0 else f"−{-rounded:.{digits}f}"
