"""The style of all figures: page layout, texts, colours and files."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

# A page is 900 units wide, which is the width of a README in pixels. PNG files have two pixels per
# unit, for screens of high resolution.
WIDTH = 900
PIXELS_PER_UNIT = 2
UNITS_PER_INCH = 100

MARGIN = 16
TOP = 58  # start of the body, below the title and the label of a vertical axis
BOTTOM = 30  # height of the footer

SMALL, MEDIUM, LARGE = 7.5, 9.0, 11.5  # font sizes, in points

INK = "#222222"
FAINT = "#8a8a8a"
POINT = "#333333"
ACCENT = "#bd1f01"
BLUE = "#3f90da"
PALE_BLUE = "#9cc4ec"
PALE_ORANGE = "#ffcf80"
PALE_GREY = "#c8c8c8"

# Ten colours that can be distinguished with any type of colour vision: M. A. Petroff, Accessible
# Color Sequences for Data Visualization, arXiv:2107.02270. They are ordered such that classes of
# Fashion-MNIST which are close to each other in a latent space have dissimilar colours.
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

# Decorator of all functions that create or save a figure. It makes the figure independent of the
# user's matplotlibrc.
styled = matplotlib.style.context(
    [
        "default",
        {
            "font.family": "DejaVu Sans",
            "font.size": MEDIUM,
            "text.color": INK,
            "text.parse_math": False,  # names of classes may contain a $
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
    """Return a new figure and an axes that covers it and has the page's units as coordinates.

    Args:
        height: height of the page. x runs from 0 to WIDTH, and y from 0 at the top to `height`.
        title: one short line at the top.
        source: name of the data, at the right of the footer.
        note: one line at the left of the footer.
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
    """Return a new axes at this position of a page. Its ticks and labels are outside of it."""
    full = figure.get_figheight() * UNITS_PER_INCH
    return figure.add_axes((left / WIDTH, 1 - (top + height) / full, width / WIDTH, height / full))


def legend(
    canvas: Axes, top: float, names: Sequence[str], colours: Sequence[str], pitch: float
) -> None:
    """Draw a legend: a row of names, each to the right of a dot in its colour.

    Args:
        canvas: the axes of the page.
        top: vertical centre of the row.
        names: meaning of each colour.
        colours: one colour per name.
        pitch: distance from one name to the next.
    """
    for index, (name, colour) in enumerate(zip(names, colours, strict=True)):
        left = MARGIN + index * pitch
        canvas.plot(left + 5, top, marker="o", markersize=6, color=colour)
        canvas.text(left + 14, top, name, va="center_baseline", size=SMALL)


@styled
def save_figure(figure: Figure, path: Path) -> None:
    """Write a page to a PNG file and clear the figure. Equal pages have equal bytes."""
    # Without this, Matplotlib writes its version into the file.
    figure.savefig(path, format="png", metadata={"Software": None})
    figure.clear()


@styled
def save_animation(figures: Iterable[Figure], path: Path, seconds: float) -> None:
    """Write pages of equal size to an animated GIF that loops. Equal pages have equal bytes.

    The GIF has one pixel per unit of the page. The last page is shown three times as long.

    Args:
        figures: the pages. Each is cleared before the next is drawn, which limits memory.
        path: the file to write.
        seconds: duration of a page.
    """
    frames = []
    for figure in figures:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        figure.clear()
        with Image.open(buffer) as frame:
            frames.append(frame.convert("RGB").reduce(PIXELS_PER_UNIT).quantize())
    durations = [round(1000 * seconds)] * len(frames)
    durations[-1] *= 3
    first, *others = frames
    first.save(path, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)


def number(value: float, digits: int) -> str:
    """Return `value` rounded, with a typographic minus sign and without a sign at zero."""
    return f"{value:z.{digits}f}".replace("-", "−")
