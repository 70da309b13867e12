"""Training curves: the losses of each epoch."""

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

# Lengths are in units of the page.
LEGEND = 30  # height of the legend
HEIGHT = 240
TICKS = 40  # space for the ticks and the label of an axis
NAMES = {
    "loss": "loss",
    "reconstruction_loss": "reconstruction loss",
    "kl_loss": "KL loss",
}
SPLITS = {"train": ("training images", BLUE), "test": ("test images", ACCENT)}


@styled
def curves_figure(history: pd.DataFrame, source: str) -> Figure:
    """Return a panel per loss, with the values on the training and the test images by epoch.

    Args:
        history: the columns `epoch` and, for at least one loss, train/<loss> and test/<loss>, with
            finite values.
        source: name of the data.
    """
    losses = [name for name in NAMES if f"train/{name}" in history]
    # The loss of an autoencoder is its reconstruction loss: one panel is enough.
    if "kl_loss" not in losses:
        losses = losses[:1]
    top = TOP + LEGEND
    figure, canvas = page(top + HEIGHT + TICKS + BOTTOM, "Training curves: losses by epoch", source)
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
