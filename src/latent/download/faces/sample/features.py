"""Eyes, eyebrows and nose."""

import numpy as np

from latent.download.faces.sample.canvas import (
    BLACK,
    WHITE,
    Canvas,
    Colour,
    Points,
    curve,
    ellipse,
    mix,
    stroke,
)
from latent.download.faces.sample.head import EYE_Y
from latent.download.faces.sample.person import Person

EYE_X = 20.0
"""Horizontal distance of each eye from the middle of the face, in pixels."""
NOSE_TIP = (0.0, 131.0)

LASHES: Colour = (38, 24, 22)


def draw_eyes(canvas: Canvas, person: Person) -> None:
    """Draw both eyes, with the bags under them and the eye shadow."""
    has = person.has
    opening = 10.6 if has["Young"] else 7.0
    if has["Narrow_Eyes"]:
        opening *= 0.42
    for side in (-1, 1):
        x = side * EYE_X
        if has["Bags_Under_Eyes"]:
            bag = curve([(x - 11, 121), (x, 126), (x + 11, 121)])
            canvas.fill(stroke(bag, 7.0, 0.9), mix(person.skin, (92, 56, 92), 0.42))
            lower = curve([(x - 11, 123), (x, 129.5), (x + 11, 123)])
            canvas.fill(stroke(lower, 1.8, 0.8), person.crease)
        if has["Heavy_Makeup"]:
            shadow = mix((150, 60, 140), (40, 96, 150), person.makeup)
            canvas.fill(ellipse(x + side, 106.5, 15, 8.5), mix(person.skin, shadow, 0.72))
        _draw_eye(canvas, person, side, opening)


def _draw_eye(canvas: Canvas, person: Person, side: int, opening: float) -> None:
    """Draw one eye.

    Args:
        canvas: The canvas to draw on.
        person: The person to draw.
        side: -1 for the eye on the left side of the image, 1 for the other.
        opening: Distance of the upper lid from the middle of the eye, in pixels.
    """
    has = person.has
    x = side * EYE_X
    inner, outer = (x - side * 13, EYE_Y + 1), (x + side * 14, EYE_Y - 0.5)
    upper = curve([inner, (x - side * 4, EYE_Y - opening), (x + side * 5, EYE_Y - opening), outer])
    # A smile raises the cheeks, which push the lower lid up.
    below = opening * (0.45 if has["Smiling"] else 0.8)
    lower = curve([outer, (x + side * 3, EYE_Y + below), inner])
    canvas.fill(np.concatenate([upper, lower]), mix(WHITE, person.skin, 0.06))

    canvas.fill(_within_lids(ellipse(x, EYE_Y, 7.8, 8.6), opening, below), person.iris)
    canvas.fill(_within_lids(ellipse(x, EYE_Y, 4.2, 4.6), opening, below), BLACK)
    if not has["Narrow_Eyes"]:
        canvas.fill(ellipse(x + 2.4, EYE_Y - 2.8, 2.0, 2.0), WHITE)

    lashes = 2.4 if has["Male"] else 3.6
    if has["Heavy_Makeup"]:
        lashes += 1.8
    canvas.fill(stroke(upper, lashes, 0.5), LASHES)
    canvas.fill(stroke(lower, 1.2, 0.7), person.crease)
    if not has["Male"]:
        wing = curve([(x + side * 9, EYE_Y - 2.5), (x + side * 17, EYE_Y - 6)])
        canvas.fill(stroke(wing, lashes, 0.7), LASHES)
    if not has["Young"]:
        fold = curve([(x - side * 10, 102.5), (x + side * 4, 100), (x + side * 17, 108)])
        canvas.fill(stroke(fold, 2.2, 0.7), person.crease)


def _within_lids(circle: Points, above: float, below: float) -> Points:
    """Clip an outline around the middle of an eye to the area between the lids."""
    y = np.clip(circle[:, 1], EYE_Y - above, EYE_Y + below)
    return np.stack([circle[:, 0], y], axis=1)


def draw_brows(canvas: Canvas, person: Person) -> None:
    """Draw both eyebrows."""
    has = person.has
    thickness = 4.6 if has["Male"] else 3.0
    if has["Bushy_Eyebrows"]:
        thickness += 4.2
    arch = 7.0 if has["Arched_Eyebrows"] else 0.5
    for side in (-1, 1):
        line = curve(
            [
                (side * 7.5, 94.0),
                (side * 17, 91.0 - arch),
                (side * 27, 91.0 - arch),
                (side * 37, 96.0),
            ]
        )
        canvas.fill(stroke(line, thickness, 0.75), person.brow)


def draw_nose(canvas: Canvas, person: Person) -> None:
    """Draw the nose: its bridge, tip and nostrils."""
    has = person.has
    width = 17.0 if has["Big_Nose"] else 10.5
    x, y = NOSE_TIP
    if has["Pointy_Nose"]:
        width = 6.5
        ridge = np.array([(x - 1.5, 100.0), (x + 9.0, y + 4), (x - 7.0, y + 4)])
        canvas.fill(ridge, person.crease)
        canvas.fill(ridge * (0.62, 1.0) + (-1.6, -2.0), person.shine)
    else:
        bridge = curve([(x + 3, 106), (x + width * 0.55, 124), (x + width * 0.8, y)])
        canvas.fill(stroke(bridge, 3.6, 0.6), person.shade)
    height = 0.62 * width
    canvas.fill(ellipse(x, y, width, height), person.shade)
    ball = ellipse(x, y - 1.6, 0.86 * width, 0.84 * height)
    canvas.fill(ball, mix(person.skin, person.shade, 0.2))
    gleam = ellipse(x - 0.25 * width, y - 0.3 * height, 0.3 * width, 0.28 * height)
    canvas.fill(gleam, person.shine)
    for side in (-1, 1):
        nostril = ellipse(x + side * 0.48 * width, y + 0.55 * height, 0.22 * width, 0.22 * height)
        canvas.fill(nostril, person.crease)
