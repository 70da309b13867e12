"""How the losses fell from epoch to epoch."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from latent.figures.common.style import (
    ACCENT,
    BLUE,
    BOTTOM,
    MARGIN,
    TOP,
    WIDTH,
    legend,
    page,
    panel,
    styled,
)

LEGEND = 30  # height of the line that says which curve is which
HEIGHT = 240
TICKS = 40  # room for an axis' ticks and name
NAMES = {
    "loss": "loss",
    "reconstruction_loss": "reconstruction loss",
    "kl_loss": "KL loss",
}
SPLITS = {"train": ("training images", BLUE), "test": ("test images", ACCENT)}


@styled
def curves_figure(history: pd.DataFrame, source: str) -> Figure:
    """Return the losses by epoch, of training and test images: a panel for each.

    Args:
        history: `epoch` and, of one loss at least, train/<loss> and test/<loss>; finite.
        source: name of the data.
    """
    losses = [name for name in NAMES if f"train/{name}" in history]
    # An autoencoder's loss is its reconstruction loss: the same curve twice.
    if "kl_loss" not in losses:
        losses = losses[:1]
    top = TOP + LEGEND
    figure, canvas = page(top + HEIGHT + TICKS + BOTTOM, "The losses, epoch by epoch", source)
    names, colours = zip(*SPLITS.values(), strict=True)
    legend(canvas, TOP - 8, names, colours, pitch=130)
    width = (WIDTH - 2 * MARGIN) / len(losses) - TICKS
    epochs = history["epoch"]
    for column, loss in enumerate(losses):
        left = MARGIN + TICKS + column * (width + TICKS)
        axes = panel(figure, left, top, width - MARGIN * (len(losses) > 1), HEIGHT)
        for split, (_, colour) in SPLITS.items():
            values = history[f"{split}/{loss}"]
            axes.plot(epochs, values, color=colour, linewidth=1.5, marker="o", markersize=4)
        axes.set_xlim(epochs.min() - 0.5, epochs.max() + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("epoch")
        axes.set_title(NAMES[loss], size="medium", loc="left")
    return figure
