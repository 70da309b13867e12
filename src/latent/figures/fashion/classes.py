"""The classes of points: their names and colours, however many there are."""

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

NAMED = 24  # classes that have their name in a figure, at most
LONGEST = 24  # letters of a name

GOLDEN = (5**0.5 - 1) / 2  # of the circle of hues: steps of it never come close to an earlier one
SHADES = ((0.80, 0.85), (0.65, 0.55), (0.45, 0.95))  # saturation and value, in turns

Labels = NDArray[np.integer]


@dataclass(frozen=True)
class Classes:
    """What images are of.

    Attributes:
        labels: numbers of classes, one for each of N images.
        names: of all the classes, by number.
    """

    labels: Labels
    names: Sequence[str]

    def first(self, count: int) -> "Classes":
        """Return the classes of the first images."""
        return Classes(self.labels[:count], self.names)

    @cached_property
    def colours(self) -> list[str]:
        """A colour for each class, by number; up to ten can be told apart by anybody."""
        if len(self.names) <= len(CLASS_COLOURS):
            return list(CLASS_COLOURS)
        return [_colour(label) for label in range(len(self.names))]

    @cached_property
    def present(self) -> list[int]:
        """The numbers of the classes that there are images of."""
        return [int(label) for label in np.unique(self.labels)]

    @cached_property
    def named(self) -> list[int]:
        """The numbers of the classes that have room for their name: the largest, in order."""
        sizes = np.bincount(self.labels, minlength=len(self.names))
        # Of classes of one size the first.
        largest = np.argsort(-sizes, kind="stable")[: min(NAMED, len(self.present))]
        return sorted(largest.tolist())

    @property
    def note(self) -> str:
        """What a figure must say where some classes have no name, or ""."""
        if len(self.named) == len(self.present):
            return ""
        return f"Named: the {len(self.named)} largest of {len(self.present)} classes."

    def short_name(self, label: int, longest: int = LONGEST) -> str:
        """Return the name of a class, cut off where it is longer than that."""
        name = self.names[label]
        return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


def read_classes(record: dict[str, Any], split: Split) -> Classes:
    """Return the classes of the images in a split.

    Args:
        record: dataset.json, which names the classes.
        split: the images and their labels.
    """
    return Classes(split.table["label"].to_numpy(), record["classes"])


def _colour(label: int) -> str:
    saturation, value = SHADES[label % len(SHADES)]
    return to_hex(colorsys.hsv_to_rgb(label * GOLDEN % 1, saturation, value))
