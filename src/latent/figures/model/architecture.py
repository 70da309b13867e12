"""The layers of an encoder and its decoder, as boxes: figures 3-4, 3-10 and 3-12."""

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

BETWEEN = 64  # encoder and decoder
COLUMN = (WIDTH - 2 * MARGIN - BETWEEN) / 2
HEADER = 30  # above the boxes: what their columns hold
GAP = 22  # between boxes above each other, at least
BESIDE = 16  # between boxes side by side
LINE = 16  # height of a layer's line
PADDING = 7  # of a box, above and below its lines
INDENT = 12  # of a box's texts
PARAMETERS = 76  # width of the column of parameters

# Fill and edge by the first layer's type, of which the beginning counts.
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
    """Return both networks side by side: the encoder down to z, the decoder from there up.

    Args:
        encoder: from `read_boxes`; one input at the top, z in the last rank.
        decoder: from `read_boxes`, z in the first rank.
        title: one short line.
        source: name of the data.
    """
    networks = (encoder, decoder)
    height = max(_least_height(boxes) for boxes in networks)
    top = TOP + HEADER
    figure, canvas = page(top + height + MARGIN + BOTTOM, title, source)
    lefts = (MARGIN, WIDTH - MARGIN - COLUMN)
    down = _arrange(encoder, lefts[0], top, height)
    up = [
        (left, 2 * top + height - high - tall, wide, tall)
        for left, high, wide, tall in _arrange(decoder, lefts[1], top, height)
    ]
    for name, boxes, left, places in zip(
        ("Encoder", "Decoder"), networks, lefts, (down, up), strict=True
    ):
        _name_columns(canvas, name, boxes, left)
        for box, place in zip(boxes, places, strict=True):
            _draw_box(canvas, box, place)
            for parent in box.parents:
                _connect(canvas, places[parent], place)
    _lead_over(canvas, down[-1], up[0])
    return figure


def _least_height(boxes: Sequence[Box]) -> float:
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
    """Return where the boxes go: a row per rank, from `top` on, evenly over the height."""
    heights = _rank_heights(boxes)
    gap = (height - sum(heights)) / max(1, len(heights) - 1)
    tops = [top + sum(heights[:rank]) + gap * rank for rank in range(len(heights))]
    places = []
    for index, box in enumerate(boxes):
        before = sum(other.rank == box.rank for other in boxes[:index])
        width = (COLUMN + BESIDE) / sum(other.rank == box.rank for other in boxes) - BESIDE
        start = left + before * (width + BESIDE)
        places.append((start, tops[box.rank], width, heights[box.rank]))
    return places


def _name_columns(canvas: Axes, name: str, boxes: Sequence[Box], left: float) -> None:
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
    """Lead an arrow from box to box, up or down, in the middle of the narrower one."""
    left, _, width, _ = min(start, end, key=lambda place: place[2])
    x = left + width / 2
    if start[1] < end[1]:
        _arrow(canvas, (x, start[1] + start[3]), (x, end[1]))
    else:
        _arrow(canvas, (x, start[1]), (x, end[1] + end[3]))


def _lead_over(canvas: Axes, start: Place, end: Place) -> None:
    """Lead an arrow from the encoder's z to the decoder's."""
    y = start[1] + start[3] / 2
    _arrow(canvas, (start[0] + start[2], y), (end[0], y))


def _arrow(canvas: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": INK, "linewidth": 1, "shrinkA": 1, "shrinkB": 1}
    canvas.annotate("", xy=end, xytext=start, arrowprops={**style, "mutation_scale": 9})
