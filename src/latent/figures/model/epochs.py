"""Images decoded from the same points of the latent space after each epoch."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from latent.figures.common.images import COLUMNS, Images, ImageTable, Row, image_figure, wrap

ROWS = 20  # maximum number of epochs on a page
FRAME_COLUMNS = 5  # number of images in a row of a frame
FRAME_LARGEST = 160  # maximum width of an image in a frame, in units of the page


def epochs_figure(samples: Images, source: str) -> Figure:
    """Return a page with a row per epoch.

    If there are too many epochs, evenly spaced ones are shown, the first and the last included.

    Args:
        samples: uint8 (epochs, N, H, W, C). The first ten images of each epoch are shown.
        source: name of the data.
    """
    count = len(samples)
    shown = np.unique(np.linspace(0, count - 1, min(count, ROWS)).round().astype(int))
    rows = [Row(samples[epoch, :COLUMNS], f"epoch {epoch + 1}") for epoch in shown]
    title = "Images decoded after each epoch from the same points, sampled from N(0, I)"
    return image_figure(ImageTable(rows, label_width=76), title, source)


def epoch_frames(samples: Images, source: str) -> Iterator[Figure]:
    """Yield a page per epoch with up to ten images. All pages have the same size.

    Args:
        samples: uint8 (epochs, N, H, W, C).
        source: name of the data.
    """
    for epoch, images in enumerate(samples[:, :COLUMNS], start=1):
        table = ImageTable(wrap(images, FRAME_COLUMNS), largest=FRAME_LARGEST)
        title = f"Images decoded from the same points after epoch {epoch} of {len(samples)}"
        yield image_figure(table, title, source)
