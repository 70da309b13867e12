"""Curves, colours and the canvas for drawing faces.

Shapes are defined in face coordinates: pixels of the upright 178x218 image. x is measured from the
middle of the face and is negative on the left side of the image. y is measured from the top of the
image. Changing the sign of x mirrors a shape. A `Pose` maps face coordinates to image coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, sin

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 178, 218
"""Size of CelebA's aligned images, in pixels."""
MIDDLE_Y = 118.0
"""y of the middle of the face, in face coordinates. Faces are rotated about this point."""

Colour = tuple[int, int, int]
Points = npt.NDArray[np.float64]
"""Points in face coordinates, float64 of shape (N, 2). The columns are x and y."""

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)

SUPERSAMPLING = 2  # drawn at this scale and then averaged, for smooth edges

_ANGLES = np.linspace(0, 2 * np.pi, 28, endpoint=False)
_UNIT_CIRCLE: Points = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)

# Catmull-Rom spline: weights of four neighbouring points, at 6 positions between the middle two.
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
    """Interpolate linearly between the colours `first` (share 0) and `second` (share 1)."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def ellipse(x: float, y: float, x_radius: float, y_radius: float) -> Points:
    """Return the outline of an ellipse with the centre (x, y)."""
    return _UNIT_CIRCLE * (x_radius, y_radius) + (x, y)


def mirror(points: Points) -> Points:
    """Mirror `points` at the middle of the face and reverse their order.

    A line followed by its mirror image then forms one outline.
    """
    return points[::-1] * (-1.0, 1.0)


def curve(points: Sequence[tuple[float, float]], closed: bool = False) -> Points:
    """Return a smooth line through `points`. A closed line returns to the first point."""
    knots = np.array(points, dtype=np.float64)
    if closed:
        knots = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        knots = np.concatenate([knots[:1], knots, knots[-1:]])
    spans = np.stack([knots[:-3], knots[1:-2], knots[2:-1], knots[3:]], axis=1)
    line = (_SPLINE[None, :, :, None] * spans[:, None]).sum(axis=2).reshape(-1, 2)
    return line if closed else np.concatenate([line, knots[-1:]])


def normals(line: Points) -> Points:
    """Return the unit normal vector at each point of an open line."""
    along = np.concatenate([line[1:2] - line[:1], line[2:] - line[:-2], line[-1:] - line[-2:-1]])
    across = along[:, ::-1] * (1.0, -1.0)
    return across / np.hypot(across[:, :1], across[:, 1:])


def ripple(line: Points, amplitude: float, period: float) -> Points:
    """Add waves to an open line. They fade out at its ends, which do not move.

    Args:
        line: The line, in face coordinates.
        amplitude: Amplitude of the waves, in pixels.
        period: Length of a wave, in pixels.
    """
    steps = np.hypot(*np.diff(line, axis=0).T)
    distance = np.concatenate([[0.0], np.cumsum(steps)])
    height = amplitude * (1 - np.linspace(-1, 1, len(line)) ** 8)
    return line + normals(line) * (height * np.sin(2 * np.pi * distance / period))[:, None]


def stroke(line: Points, width: float, taper: float = 0.0) -> Points:
    """Return the outline of a brush stroke along an open line.

    Args:
        line: Centre line of the stroke.
        width: Width in the middle of the line, in pixels.
        taper: Relative decrease of the width towards both ends: 0 for a constant width, 1 for
            pointed ends.
    """
    position = np.linspace(-1, 1, len(line))
    half = 0.5 * width * (1 - taper * position**2)[:, None] * normals(line)
    return np.concatenate([line + half, (line - half)[::-1]])


@dataclass(frozen=True)
class Pose:
    """Position of a face in its image.

    Attributes:
        x: Shift to the right, in pixels.
        y: Shift downwards, in pixels.
        angle: Rotation about the middle of the face, in radians.
        scale: Scale factor.
    """

    x: float
    y: float
    angle: float
    scale: float

    def apply(self, points: Points) -> Points:
        """Convert face coordinates to pixels, measured from the top left corner of the image."""
        along, across = self.scale * cos(self.angle), self.scale * sin(self.angle)
        # Rotating about the middle of the face moves the eyes the least.
        upright = points - (0.0, MIDDLE_Y)
        turned = along * upright + upright[:, ::-1] * (-across, across)
        middle: Points = np.array([WIDTH / 2 + self.x, MIDDLE_Y + self.y])
        return turned + middle


class Canvas:
    """An image to draw on, with shapes in face coordinates."""

    def __init__(self, pose: Pose, background: Colour) -> None:
        """Fill the image with the background colour."""
        self._pose = pose
        size = (WIDTH * SUPERSAMPLING, HEIGHT * SUPERSAMPLING)
        self._image = Image.new("RGB", size, background)
        self._draw = ImageDraw.Draw(self._image)

    def fill(self, shape: Points, colour: Colour) -> None:
        """Fill an outline with a colour."""
        self._draw.polygon(self._pixels(shape).ravel().tolist(), fill=colour)

    def glow(
        self, shape: Points, colour: Colour, opacity: float, blur: float, within: Points
    ) -> None:
        """Draw a blurred, translucent shape, clipped to the outline `within`.

        Args:
            shape: Outline before the blur.
            colour: Colour of the shape.
            opacity: Opacity in the middle of the shape, from 0 to 1.
            blur: Standard deviation of the Gaussian blur, in pixels.
            within: Outline to clip the shape to.
        """
        # The blur takes most of the time. It runs at the final size and on the shape's area only.
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
        """Return the image at its final size, RGB 178x218."""
        return self._image.reduce(SUPERSAMPLING)

    def _pixels(self, points: Points) -> Points:
        """Convert face coordinates to whole pixels of the supersampled image."""
        return np.rint(self._pose.apply(points) * SUPERSAMPLING)
