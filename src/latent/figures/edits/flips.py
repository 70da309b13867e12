"""How often edits flip an attribute and keep the others, against α."""

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

COLUMNS = 5
HEIGHT = 90  # of a panel, in units of the page
TEXT = 18  # height of the line above it
LEGEND = 18  # height of the line that says what the curves are
GAP = 14  # between panels
TICKS = 38  # room for the ticks' labels and the name of an axis
KINDS = {
    "means": ("difference of means", ACCENT),
    "orthogonal": ("made orthogonal", BLUE),
    "shuffled": ("shuffled attributes", FAINT),
}
PITCH = 150  # from one name of a kind to the next


@styled
def flips_figure(edits: pd.DataFrame, source: str) -> Figure:
    """Return a panel per attribute: flips as solid lines, what is kept as dashed ones.

    Args:
        edits: of at least one attribute, as `latent.evaluate_edits.compare_vectors.EditTables` has them.
        source: name of the data.
    """
    names = list(edits["attribute"].unique())
    rows = -(-len(names) // COLUMNS)
    pitch = TEXT + HEIGHT + GAP
    top = TOP + LEGEND
    title = "Edits by the classifier's eyes: z + α · direction"
    note = (
        f"At most {edits['images'].max():,} test images per direction. α < 0 takes an attribute "
        "from images that have it, α > 0 gives it to others. Thin line: 90 %."
    )
    figure, canvas = page(top + rows * pitch + TICKS + BOTTOM, title, source, note)
    kinds = [kind for kind in KINDS if kind in set(edits["vectors"])]
    labels, colours = zip(*(KINDS[kind] for kind in kinds), strict=True)
    legend(canvas, TOP - 8, labels, colours, PITCH)
    left = MARGIN + len(kinds) * PITCH
    for style, name in (("-", "flipped"), ("--", "other attributes kept")):
        canvas.plot([left, left + 20], [TOP - 8] * 2, style, color=FAINT)
        canvas.text(left + 26, TOP - 8, name, va="center_baseline", size=SMALL)
        left += 80
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
