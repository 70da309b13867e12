"""Head and neck: face outline, ears, cheeks, wrinkles and double chin."""

import numpy as np

from latent.download.faces.sample.canvas import (
    BLACK,
    Canvas,
    Points,
    curve,
    ellipse,
    mirror,
    mix,
    stroke,
)
from latent.download.faces.sample.person import Person

# One side of the face outline, from the crown to the chin: y and half the width, in pixels. The
# four arrays after HALF_WIDTH are added to it for male, chubby, old and oval faces.
OUTLINE_Y = np.array([42.0, 47, 60, 80, 100, 118, 136, 156, 175, 188, 195, 197])
HALF_WIDTH = np.array([0.0, 22, 41, 50, 53, 53.5, 52, 48, 39, 25, 11, 0])
MALE = np.array([0.0, 0, 0, 0, 0, 1, 3, 6, 8, 9, 8, 0])
CHUBBY = np.array([0.0, 0, 0, 0, 3, 6, 9, 11, 11, 9, 4, 0])
JOWLS = np.array([0.0, 0, 0, 0, 0, 0, 2, 6, 8, 6, 2, 0])
OVAL = np.array([0.0, 0, -1, -3, -4, -5, -5, -4, -3, -2, -1, 0])

EYE_Y = 112.0


def face_outline(person: Person) -> Points:
    """Return the outline of the face without hair, from the crown to the chin."""
    has = person.has
    x = (
        HALF_WIDTH
        + MALE * has["Male"]
        + CHUBBY * has["Chubby"]
        + JOWLS * (not has["Young"])
        + OVAL * has["Oval_Face"]
    )
    length = 1.04 if has["Oval_Face"] else 1.0
    y = np.where(OUTLINE_Y > EYE_Y, EYE_Y + (OUTLINE_Y - EYE_Y) * length, OUTLINE_Y)
    right = list(zip(x.tolist(), y.tolist(), strict=True))
    left = [(-x, y) for x, y in right[-2:0:-1]]
    return curve(right + left, closed=True)


def draw_neck(canvas: Canvas, person: Person) -> None:
    """Draw the neck, the shadow of the chin and the double chin."""
    width = 36.0 if person.has["Male"] else 27.0
    side = curve([(width, 140), (width, 180), (width + 6, 200), (width + 30, 240)])
    neck = np.concatenate([side, mirror(side)])
    canvas.fill(neck, mix(person.skin, person.shade, 0.5))
    below = curve([(width, 186), (0.6 * width, 201), (0, 205)])
    shadow = np.concatenate([[(width, 140.0)], below, mirror(below), [(-width, 140.0)]])
    canvas.fill(shadow, mix(person.shade, BLACK, 0.14))
    if person.has["Double_Chin"]:
        canvas.fill(ellipse(0, 179, 40, 26), person.crease)
        canvas.fill(ellipse(0, 177, 40, 25), mix(person.skin, person.shade, 0.35))


def draw_head(canvas: Canvas, person: Person) -> None:
    """Draw the ears and the face without its features: skin, cheeks and wrinkles."""
    for side in (-1, 1):
        canvas.fill(ellipse(side * 54, 119, 8, 14), person.shade)
        canvas.fill(ellipse(side * 55, 118, 5, 10), person.skin)
    outline = face_outline(person)
    canvas.fill(outline, person.skin)

    jaw = curve([(58, 130), (47, 170), (22, 192), (0, 195)])
    rim = np.concatenate([jaw, mirror(jaw)])
    edge = np.concatenate([rim, [(-64.0, 130.0), (-64.0, 206.0), (64.0, 206.0), (64.0, 130.0)]])
    canvas.glow(edge, person.shade, 0.8, 4.0, within=outline)
    if person.has["Bald"]:
        canvas.glow(ellipse(-14, 58, 18, 9), (255, 250, 244), 0.75, 4.0, within=outline)
    _draw_cheeks(canvas, person, outline)
    if not person.has["Young"]:
        _draw_wrinkles(canvas, person)


def _draw_cheeks(canvas: Canvas, person: Person, outline: Points) -> None:
    has = person.has
    for side in (-1, 1):
        if has["High_Cheekbones"]:
            hollow = stroke(curve([(side * 52, 132), (side * 40, 146), (side * 28, 154)]), 9, 0.7)
            canvas.glow(hollow, person.shade, 1.0, 2.0, within=outline)
            canvas.glow(ellipse(side * 35, 128, 11, 6), person.shine, 1.0, 2.0, within=outline)
        if has["Rosy_Cheeks"]:
            canvas.glow(ellipse(side * 33, 139, 13, 10), (240, 96, 100), 0.50, 3.0, within=outline)


def _draw_wrinkles(canvas: Canvas, person: Person) -> None:
    """Draw wrinkles on the forehead, next to the eyes and from the nose to the chin."""
    for y in (66, 74, 82):
        line = curve([(-28, y), (-14, y - 2), (0, y + 1), (14, y - 2), (28, y)])
        canvas.fill(stroke(line, 4.4, 0.6), person.crease)
    for side in (-1, 1):
        fold = curve([(side * 14, 130), (side * 30, 138), (side * 40, 148), (side * 40, 160)])
        canvas.fill(stroke(fold, 6.0, 0.7), person.crease)
        jowl = curve([(side * 32, 168), (side * 31, 176), (side * 24, 183)])
        canvas.fill(stroke(jowl, 4.6, 0.8), person.crease)
        for y in (107, 112, 117):
            wrinkle = curve([(side * 37, 0.5 * (y + 112)), (side * 47, y + 0.6 * (y - 112))])
            canvas.fill(stroke(wrinkle, 1.8, 0.6), person.crease)
