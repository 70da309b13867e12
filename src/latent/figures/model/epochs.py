"""What the same points of the latent space decode to, epoch after epoch."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from latent.figures.common.images import COLUMNS, Images, ImageTable, Row, image_figure, wrap

ROWS = 20  # epochs on a page, at most
FRAME_COLUMNS = 5  # images in a row of a frame
FRAME_LARGEST = 160  # side of an image in a frame, at most


def epochs_figure(samples: Images, source: str) -> Figure:
    """Return a row for each epoch; of many epochs, evenly spaced ones with the first and the last.

    Args:
        samples: uint8 (epochs, N, H, W, C), of which the first ten images are shown.
        source: name of the data.
    """
    count = len(samples)
    shown = np.unique(np.linspace(0, count - 1, min(count, ROWS)).round().astype(int))
    rows = [Row(samples[epoch, :COLUMNS], f"epoch {epoch + 1}") for epoch in shown]
    title = "The same points of N(0, I), decoded after each epoch"
    return image_figure(ImageTable(rows, label_width=76), title, source)


def epoch_frames(samples: Images, source: str) -> Iterator[Figure]:
    """Yield a page for each epoch, of one size, with up to ten images.

    Args:
        samples: uint8 (epochs, N, H, W, C).
        source: name of the data.
    """
    for epoch, images in enumerate(samples[:, :COLUMNS], start=1):
        table = ImageTable(wrap(images, FRAME_COLUMNS), largest=FRAME_LARGEST)
        title = f"The same points of N(0, I), decoded after epoch {epoch} of {len(samples)}"
        yield image_figure(table, title, source)
