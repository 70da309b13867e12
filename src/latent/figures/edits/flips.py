"""Effect of attribute edits against α: how often they flip the attribute and keep the others."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latent.evaluate_edits.measure import FLIPPED
from latent.figures.common.factors import few_factors
from latent.figures.common.style import (
    ACCENT,
    BLUE,
    BOTTOM,
    FAINT,
    MARGIN,
    PALE_GREY,
    SMALL,
    TOP,
    WIDTH,
    legend,
    page,
    panel,
    styled,
)

# Lengths are in units of the page.
COLUMNS = 5
HEIGHT = 90  # height of a panel
TEXT = 18  # height of the title of a panel
LEGEND = 18  # height of the legend
GAP = 14  # between panels
TICKS = 38  # space for the tick labels and the label of an axis
KINDS = {
    "means": ("difference of means", ACCENT),
    "orthogonal": ("orthogonalised", BLUE),
    "shuffled": ("random baseline", FAINT),
}
PITCH = 150  # distance from one name in the legend to the next


@styled
def flips_figure(edits: pd.DataFrame, source: str) -> Figure:
    """Return a panel per attribute, with the shares `flips` as solid and `keeps` as dashed lines.

    Args:
        edits: results for at least one attribute: `edits` of
            `latent.evaluate_edits.compare_vectors.EditTables`.
        source: name of the data.
    """
    names = list(edits["attribute"].unique())
    rows = -(-len(names) // COLUMNS)
    pitch = TEXT + HEIGHT + GAP
    top = TOP + LEGEND
    title = "Effect of attribute edits z + α · unit vector, according to the classifier"
    note = (
        f"Edited: up to {edits['images'].max():,} test images without the attribute (α > 0) and "
        f"with it (α < 0). Horizontal line: {100 * FLIPPED:.0f} %."
    )
    figure, canvas = page(top + rows * pitch + TICKS + BOTTOM, title, source, note)
    kinds = [kind for kind in KINDS if kind in set(edits["vectors"])]
    labels, colours = zip(*(KINDS[kind] for kind in kinds), strict=True)
    legend(canvas, TOP - 8, labels, colours, PITCH)
    left = MARGIN + len(kinds) * PITCH
    for style, name in (("-", "attribute flipped"), ("--", "other attributes unchanged")):
        canvas.plot([left, left + 20], [TOP - 8] * 2, style, color=FAINT)
        canvas.text(left + 26, TOP - 8, name, va="center_baseline", size=SMALL)
        left += PITCH
    width = (WIDTH - 2 * MARGIN - TICKS + GAP) / COLUMNS - GAP
    for index, name in enumerate(names):
        row, column = divmod(index, COLUMNS)
        place = MARGIN + TICKS + column * (width + GAP)
        axes = panel(figure, place, top + row * pitch + TEXT, width, HEIGHT)
        lowest = index + COLUMNS >= len(names)
        _draw(axes, edits[edits["attribute"] == name], kinds)
        axes.set_title(name.replace("_", " "), size=SMALL, loc="left", pad=4)
        axes.tick_params(labelbottom=lowest, labelleft=column == 0)
        if lowest:
            axes.set_xlabel("α", size=SMALL, labelpad=1)
    return figure


def _draw(axes: Axes, edits: pd.DataFrame, kinds: list[str]) -> None:
    axes.axhline(FLIPPED, color=PALE_GREY, linewidth=0.8)
    for kind in reversed(kinds):
        edited = edits[edits["vectors"] == kind].set_index("alpha")
        for share, unedited, style, thickness in (
            ("keeps", 1.0, "--", 0.9),
            ("flips", 0.0, "-", 1.5),
        ):
            curve = pd.concat([edited[share], pd.Series({0.0: unedited})]).sort_index()
            axes.plot(curve.index, curve, style, color=KINDS[kind][1], linewidth=thickness)
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0, 0.5, 1], labels=["0", "50 %", "100 %"])
    ticks = few_factors(edits["alpha"].tolist())
    axes.set_xticks(ticks, labels=[f"{tick:g}".replace("-", "−") for tick in ticks])
