"""Names and colours of classes, for any number of classes."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from latent.figures.common.style import CLASS_COLOURS
from latent.io.dataset import Split

NAMED = 24  # maximum number of classes with a label in a figure
LONGEST = 24  # maximum number of characters of a label

# Steps of the golden ratio around the circle of hues: no hue is close to an earlier one.
GOLDEN = (5**0.5 - 1) / 2
SHADES = ((0.80, 0.85), (0.65, 0.55), (0.45, 0.95))  # saturation and value, alternating

Labels = NDArray[np.integer]


@dataclass(frozen=True)
class Classes:
    """Class labels of images.

    Attributes:
        labels: class numbers of N images, integers (N,).
        names: names of all classes. The index is the class number.
    """

    labels: Labels
    names: Sequence[str]

    def first(self, count: int) -> "Classes":
        """Return the classes of the first `count` images."""
        return Classes(self.labels[:count], self.names)

    @cached_property
    def colours(self) -> list[str]:
        """A colour per class. Up to ten can be distinguished with any type of colour vision."""
        if len(self.names) <= len(CLASS_COLOURS):
            return list(CLASS_COLOURS)
        return [_colour(label) for label in range(len(self.names))]

    @cached_property
    def present(self) -> list[int]:
        """Numbers of the classes that have images, in ascending order."""
        return [int(label) for label in np.unique(self.labels)]

    @cached_property
    def named(self) -> list[int]:
        """Numbers of the largest classes, which figures label, in ascending order."""
        sizes = np.bincount(self.labels, minlength=len(self.names))
        # The sort is stable: of equally large classes, the first ones are labelled.
        largest = np.argsort(-sizes, kind="stable")[: min(NAMED, len(self.present))]
        return sorted(largest.tolist())

    @property
    def note(self) -> str:
        """Note for figures in which some classes have no label, or ""."""
        if len(self.named) == len(self.present):
            return ""
        return f"Only the {len(self.named)} largest of {len(self.present)} classes are labelled."

    def short_name(self, label: int, longest: int = LONGEST) -> str:
        """Return the name of a class, shortened to `longest` characters."""
        name = self.names[label]
        return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


def read_classes(record: dict[str, Any], split: Split) -> Classes:
    """Return the classes of the images in a split.

    Args:
        record: content of dataset.json, which has the names of the classes.
        split: the images and their labels.
    """
    return Classes(split.table["label"].to_numpy(), record["classes"])


def _colour(label: int) -> str:
    saturation, value = SHADES[label % len(SHADES)]
    return to_hex(colorsys.hsv_to_rgb(label * GOLDEN % 1, saturation, value))
