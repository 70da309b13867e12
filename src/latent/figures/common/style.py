"""The look that all figures share: the page, its texts, its colours and its files."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

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
BLUE = "#3f90da"
PALE_BLUE = "#9cc4ec"
PALE_ORANGE = "#ffcf80"
PALE_GREY = "#c8c8c8"

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

SAMPLE_NAME = "drawn sample data"
OWN_NAME = "own images"
DATASET_NAMES = {"fashion": "Fashion-MNIST", "faces": "CelebA"}

# Decorates what makes or saves a figure: it then depends on no matplotlibrc of the user.
styled = matplotlib.style.context(
    [
        "default",
        {
            "font.family": "DejaVu Sans",
            "font.size": MEDIUM,
            "text.color": INK,
            "text.parse_math": False,  # in names that users give, a $ is a $
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
def page(height: float, title: str, source: str, note: str = "") -> tuple[Figure, Axes]:
    """Return a new figure and an axes over all of it whose coordinates are the page's units.

    Args:
        height: of the page; x runs from 0 to WIDTH, y from 0 at the top to `height`.
        title: one short line at the top.
        source: name of the data, in the footer.
        note: what else the footer says, at its left; one line.
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
    if note:
        canvas.text(MARGIN, bottom, note, va="bottom", size=SMALL, color=FAINT)
    return figure, canvas


@styled
def panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Return a new axes at that place of a page; ticks and labels come outside of it."""
    full = figure.get_figheight() * UNITS_PER_INCH
    return figure.add_axes((left / WIDTH, 1 - (top + height) / full, width / WIDTH, height / full))


def legend(
    canvas: Axes, top: float, names: Sequence[str], colours: Sequence[str], pitch: float
) -> None:
    """Write names in a row on a page, each behind a dot in its colour.

    Args:
        canvas: the page.
        top: the middle of the row.
        names: what the colours mean.
        colours: one for each name.
        pitch: from one name to the next.
    """
    for index, (name, colour) in enumerate(zip(names, colours, strict=True)):
        left = MARGIN + index * pitch
        canvas.plot(left + 5, top, marker="o", markersize=6, color=colour)
        canvas.text(left + 14, top, name, va="center_baseline", size=SMALL)


@styled
def save_figure(figure: Figure, path: Path) -> None:
    """Write a page as PNG, the same bytes for the same page, and empty it."""
    # Matplotlib would write its own version into the file.
    figure.savefig(path, format="png", metadata={"Software": None})
    figure.clear()


@styled
def save_animation(figures: Iterable[Figure], path: Path, seconds: float) -> None:
    """Write pages of one size as a GIF that starts over at its end, the same bytes for the same.

    It has a pixel per unit of the page. The last page stays three times as long as the others.

    Args:
        figures: the pages, of which one is in memory at a time; emptied.
        path: of the file.
        seconds: how long a page stays.
    """
    frames = []
    for figure in figures:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        figure.clear()
        with Image.open(buffer) as drawn:
            frames.append(drawn.convert("RGB").reduce(PIXELS_PER_UNIT).quantize())
    durations = [round(1000 * seconds)] * len(frames)
    durations[-1] *= 3
    first, *others = frames
    first.save(path, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)


def source_name(record: dict[str, Any]) -> str:
    """Return what to call the data of a dataset.json: the data set, or where else it comes from."""
    others = {"sample": SAMPLE_NAME, "folder": OWN_NAME}
    return others.get(record["source"]) or DATASET_NAMES[record["name"]]


def number(value: float, digits: int) -> str:
    """Return `value` rounded, with a true minus sign and no sign at zero."""
    rounded = round(float(value), digits)
    return f"{abs(rounded):.{digits}f}" if rounded >= 0 else f"−{-rounded:.{digits}f}"
