"""Diagrams of the layers of an encoder and its decoder: figures 3-4, 3-10 and 3-12."""

from collections.abc import Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from latent.figures.common.style import (
    BOTTOM,
    FAINT,
    INK,
    MARGIN,
    MEDIUM,
    SMALL,
    TOP,
    WIDTH,
    page,
    styled,
)
from latent.figures.model.graph import Box

# Lengths are in units of the page.
BETWEEN = 64  # gap between encoder and decoder
COLUMN = (WIDTH - 2 * MARGIN - BETWEEN) / 2
HEADER = 30  # height of the headings above the boxes
GAP = 22  # minimum vertical gap between boxes
BESIDE = 16  # horizontal gap between boxes
LINE = 16  # height of the line of a layer
PADDING = 7  # above and below the lines of a box
INDENT = 12  # of the text in a box
PARAMETERS = 76  # width of the column of parameters

# Fill and edge of a box. The keys are prefixes of the type of its first layer.
COLOURS = {
    "Conv": ("#e6f1fb", "#3f90da"),
    "Dense": ("#fff2da", "#e7a01a"),
    "Sampling": ("#f9e0db", "#bd1f01"),
}
PLAIN = ("#f5f5f5", "#b0b0b0")

Place = tuple[float, float, float, float]  # left, top, width and height


@styled
def architecture_figure(
    encoder: Sequence[Box], decoder: Sequence[Box], title: str, source: str
) -> Figure:
    """Return a diagram of both networks: the encoder from top to bottom, the decoder upwards.

    Args:
        encoder: boxes from `read_boxes`, with one input in the first rank and z in the last.
        decoder: boxes from `read_boxes`, with z in the first rank.
        title: one short line.
        source: name of the data.
    """
    networks = (encoder, decoder)
    height = max(_minimum_height(boxes) for boxes in networks)
    top = TOP + HEADER
    figure, canvas = page(top + height + MARGIN + BOTTOM, title, source)
    lefts = (MARGIN, WIDTH - MARGIN - COLUMN)
    down = _arrange(encoder, lefts[0], top, height)
    up = [
        (left, 2 * top + height - box_top - box_height, box_width, box_height)
        for left, box_top, box_width, box_height in _arrange(decoder, lefts[1], top, height)
    ]
    for name, boxes, left, places in zip(
        ("Encoder", "Decoder"), networks, lefts, (down, up), strict=True
    ):
        _draw_headings(canvas, name, boxes, left)
        for box, place in zip(boxes, places, strict=True):
            _draw_box(canvas, box, place)
            for parent in box.parents:
                _connect(canvas, places[parent], place)
    _connect_networks(canvas, down[-1], up[0])
    return figure


def _minimum_height(boxes: Sequence[Box]) -> float:
    heights = _rank_heights(boxes)
    return sum(heights) + GAP * (len(heights) - 1)


def _rank_heights(boxes: Sequence[Box]) -> list[float]:
    ranks = groupby(sorted(boxes, key=_rank), key=_rank)
    return [max(_height(box) for box in rank) for _, rank in ranks]


def _rank(box: Box) -> int:
    return box.rank


def _height(box: Box) -> float:
    return LINE * (len(box.lines) + bool(box.name)) + 2 * PADDING


def _arrange(boxes: Sequence[Box], left: float, top: float, height: float) -> list[Place]:
    """Return the places of the boxes: one row per rank, evenly spaced from `top` over `height`."""
    heights = _rank_heights(boxes)
    gap = (height - sum(heights)) / max(1, len(heights) - 1)
    tops = [top + sum(heights[:rank]) + gap * rank for rank in range(len(heights))]
    places = []
    for index, box in enumerate(boxes):
        position = sum(other.rank == box.rank for other in boxes[:index])
        width = (COLUMN + BESIDE) / sum(other.rank == box.rank for other in boxes) - BESIDE
        box_left = left + position * (width + BESIDE)
        places.append((box_left, tops[box.rank], width, heights[box.rank]))
    return places


def _draw_headings(canvas: Axes, name: str, boxes: Sequence[Box], left: float) -> None:
    total = sum(line.parameters for box in boxes for line in box.lines)
    canvas.text(left, TOP, f"{name}: {total:,} parameters", va="center", size=MEDIUM, weight="bold")
    right = left + COLUMN - INDENT
    texts = ((right - PARAMETERS, "output shape"), (right, "parameters"))
    for x, text in texts:
        canvas.text(x, TOP + HEADER - 6, text, ha="right", va="bottom", size=SMALL, color=FAINT)


def _draw_box(canvas: Axes, box: Box, place: Place) -> None:
    left, top, width, height = place
    kinds = (colours for kind, colours in COLOURS.items() if box.lines[0].layer.startswith(kind))
    fill, edge = next(kinds, PLAIN)
    canvas.add_patch(
        FancyBboxPatch(
            (left, top),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=5",
            facecolor=fill,
            edgecolor=edge,
            linewidth=1,
        )
    )
    y = top + PADDING + LINE / 2
    if box.name:
        canvas.text(left + INDENT, y, box.name, va="center_baseline", size=MEDIUM, weight="bold")
        y += LINE
    right = left + width - INDENT
    for line in box.lines:
        count = f"{line.parameters:,}" if line.parameters else "–"
        for x, text, side in (
            (left + INDENT, line.layer, "left"),
            (right - PARAMETERS, line.shape, "right"),
            (right, count, "right"),
        ):
            canvas.text(x, y, text, ha=side, va="center_baseline", size=SMALL)
        y += LINE


def _connect(canvas: Axes, start: Place, end: Place) -> None:
    """Draw a vertical arrow from box to box, at the centre of the narrower one."""
    left, _, width, _ = min(start, end, key=lambda place: place[2])
    x = left + width / 2
    if start[1] < end[1]:
        _arrow(canvas, (x, start[1] + start[3]), (x, end[1]))
    else:
        _arrow(canvas, (x, start[1]), (x, end[1] + end[3]))


def _connect_networks(canvas: Axes, start: Place, end: Place) -> None:
    """Draw a horizontal arrow from the encoder's output to the decoder's input."""
    y = start[1] + start[3] / 2
    _arrow(canvas, (start[0] + start[2], y), (end[0], y))


def _arrow(canvas: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": INK, "linewidth": 1, "shrinkA": 1, "shrinkB": 1}
    canvas.annotate("", xy=end, xytext=start, arrowprops={**style, "mutation_scale": 9})
