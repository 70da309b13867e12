"""Curves, colours and the canvas that the faces are drawn on.

Faces are described in face coordinates: pixels of the upright 178x218 image, with x measured from
the middle of the face (negative to the left of the image) and y from the top of the image. So a
shape on one side of a face becomes its twin on the other by changing the sign of x. The pose of a
face says where that lands in the image.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, sin

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 178, 218
"""Size in pixels of CelebA's aligned images."""
MIDDLE_Y = 118.0
"""Height of the middle of the face, about which it turns (y in face coordinates)."""

Colour = tuple[int, int, int]
Points = npt.NDArray[np.float64]
"""Points in face coordinates: float64 (N, 2), columns x and y."""

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)

SUPERSAMPLING = 2  # drawn twice as large, then averaged: smooth edges at little cost

_ANGLES = np.linspace(0, 2 * np.pi, 28, endpoint=False)
_UNIT_CIRCLE: Points = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)

# Catmull-Rom spline: the weights of four neighbouring points at 6 places between the middle two.
_T = np.linspace(0, 1, 6, endpoint=False)
_SPLINE = 0.5 * np.stack(
    [
        -_T + 2 * _T**2 - _T**3,
        2 - 5 * _T**2 + 3 * _T**3,
        _T + 4 * _T**2 - 3 * _T**3,
        -(_T**2) + _T**3,
    ],
    axis=1,
)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour between `first` (share 0) and `second` (share 1)."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def ellipse(x: float, y: float, x_radius: float, y_radius: float) -> Points:
    """Return the outline of an ellipse about (x, y)."""
    return _UNIT_CIRCLE * (x_radius, y_radius) + (x, y)


def mirror(points: Points) -> Points:
    """Return the twin of `points` on the other side of the face, in reverse order.

    In reverse, so that a line followed by its mirror image makes one outline.
    """
    return points[::-1] * (-1.0, 1.0)


def curve(points: Sequence[tuple[float, float]], closed: bool = False) -> Points:
    """Return a smooth line through `points`, which returns to the first of them if `closed`."""
    knots = np.array(points, dtype=np.float64)
    if closed:
        knots = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        knots = np.concatenate([knots[:1], knots, knots[-1:]])
    spans = np.stack([knots[:-3], knots[1:-2], knots[2:-1], knots[3:]], axis=1)
    line = (_SPLINE[None, :, :, None] * spans[:, None]).sum(axis=2).reshape(-1, 2)
    return line if closed else np.concatenate([line, knots[-1:]])


def normals(line: Points) -> Points:
    """Return for each point of an open line the unit vector across it."""
    along = np.concatenate([line[1:2] - line[:1], line[2:] - line[:-2], line[-1:] - line[-2:-1]])
    across = along[:, ::-1] * (1.0, -1.0)
    return across / np.hypot(across[:, :1], across[:, 1:])


def ripple(line: Points, amplitude: float, period: float) -> Points:
    """Return an open line bent into waves of the given size and length, both in pixels.

    The waves fade out at the ends, which stay where they are.
    """
    steps = np.hypot(*np.diff(line, axis=0).T)
    distance = np.concatenate([[0.0], np.cumsum(steps)])
    height = amplitude * (1 - np.linspace(-1, 1, len(line)) ** 8)
    return line + normals(line) * (height * np.sin(2 * np.pi * distance / period))[:, None]


def stroke(line: Points, width: float, taper: float = 0.0) -> Points:
    """Return the outline of a brush stroke along an open line.

    Args:
        line: The middle of the stroke.
        width: Its width in pixels, halfway along the line.
        taper: How much thinner both ends are: 0 is an even stroke, 1 ends in points.
    """
    place = np.linspace(-1, 1, len(line))
    half = 0.5 * width * (1 - taper * place**2)[:, None] * normals(line)
    return np.concatenate([line + half, (line - half)[::-1]])


@dataclass(frozen=True)
class Pose:
    """Where a face lies in its image: moved (pixels), turned (radians) and scaled."""

    x: float
    y: float
    angle: float
    scale: float

    def apply(self, points: Points) -> Points:
        """Return `points`, in face coordinates, in pixels from the image's top left corner."""
        along, across = self.scale * cos(self.angle), self.scale * sin(self.angle)
        # Turned about the middle of the face, so that a turn moves the eyes as little as it can.
        upright = points - (0.0, MIDDLE_Y)
        turned = along * upright + upright[:, ::-1] * (-across, across)
        middle: Points = np.array([WIDTH / 2 + self.x, MIDDLE_Y + self.y])
        return turned + middle


class Canvas:
    """An image under construction that takes shapes in face coordinates."""

    def __init__(self, pose: Pose, background: Colour) -> None:
        """Start with a background of one colour."""
        self._pose = pose
        size = (WIDTH * SUPERSAMPLING, HEIGHT * SUPERSAMPLING)
        self._image = Image.new("RGB", size, background)
        self._draw = ImageDraw.Draw(self._image)

    def fill(self, shape: Points, colour: Colour) -> None:
        """Fill the inside of an outline with a colour."""
        self._draw.polygon(self._pixels(shape).ravel().tolist(), fill=colour)

    def glow(
        self, shape: Points, colour: Colour, opacity: float, blur: float, within: Points
    ) -> None:
        """Lay a blurred, translucent shape over what is there, cut off at the outline `within`.

        Args:
            shape: The outline before it is blurred.
            colour: Its colour.
            opacity: How much of what is below it hides in its middle, from 0 to 1.
            blur: Standard deviation of the blur in pixels.
            within: The outline that it stays inside of.
        """
        # Blurred before it is enlarged, and only as far as it reaches: that is most of the time.
        outline = np.rint(self._pose.apply(shape))
        low = np.maximum(outline.min(axis=0) - 3 * blur, 0).astype(int)
        high = np.minimum(outline.max(axis=0) + 3 * blur + 1, (WIDTH, HEIGHT)).astype(int)
        width, height = (high - low).tolist()
        soft = Image.new("L", (width, height))
        ImageDraw.Draw(soft).polygon((outline - low).ravel().tolist(), fill=round(255 * opacity))
        soft = soft.filter(ImageFilter.GaussianBlur(blur))

        large = (width * SUPERSAMPLING, height * SUPERSAMPLING)
        left, top = (low * SUPERSAMPLING).tolist()
        inside = Image.new("L", large)
        limit = self._pixels(within) - (left, top)
        ImageDraw.Draw(inside).polygon(limit.ravel().tolist(), fill=255)
        soft = soft.resize(large, Image.Resampling.BILINEAR)
        self._image.paste(colour, (left, top), ImageChops.multiply(soft, inside))

    def finish(self) -> Image.Image:
        """Return the image at its final size: RGB, 178x218."""
        return self._image.reduce(SUPERSAMPLING)

    def _pixels(self, points: Points) -> Points:
        """Return `points` in whole pixels of the image that is drawn, before it is averaged."""
        return np.rint(self._pose.apply(points) * SUPERSAMPLING)
