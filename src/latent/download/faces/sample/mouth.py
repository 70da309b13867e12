"""Mouth: lips, teeth and dimples."""

import numpy as np

from latent.download.faces.sample.canvas import (
    BLACK,
    Canvas,
    Colour,
    Points,
    curve,
    ellipse,
    mix,
    stroke,
)
from latent.download.faces.sample.person import Person

MOUTH_Y = 152.0

TEETH: Colour = (252, 250, 244)
THROAT: Colour = (44, 8, 14)
TONGUE: Colour = (206, 88, 92)


def mouth_corner(person: Person) -> tuple[float, float]:
    """Return x and y of the right corner of the mouth. A smile moves it out and up."""
    if person.has["Smiling"]:
        return 42.0, MOUTH_Y - 12
    return (31.0 if person.has["Mouth_Slightly_Open"] else 18.0), MOUTH_Y + 4


def draw_mouth(canvas: Canvas, person: Person) -> None:
    """Draw the lips and the inside of the mouth."""
    upper, lower = _opening(person)
    thickness = 10.0 if person.has["Big_Lips"] else 4.5
    if person.has["Smiling"]:
        thickness *= 0.6  # a smile stretches the lips
    lips = _lip_colour(person)
    x, y = mouth_corner(person)
    bow = [(-x - 1, y), (-0.3 * x, upper - 1.2 * thickness), (0.0, upper - 0.8 * thickness)]
    right_bow = [(-x, y) for x, y in bow[1::-1]]
    below = _edge(x + 1, y, lower + 1.4 * thickness)
    canvas.fill(np.concatenate([curve([*bow, *right_bow]), below[::-1]]), lips)

    opening = np.concatenate([_edge(x, y, upper), _edge(x, y, lower)[::-1]])
    if person.has["Smiling"]:
        _draw_smile(canvas, person, opening)
    elif person.has["Mouth_Slightly_Open"]:
        canvas.fill(opening, THROAT)
        canvas.fill(ellipse(0, lower - 2, 9, 2), TONGUE)
    else:
        canvas.fill(stroke(_edge(x + 2, y, upper), 2.4, 0.3), mix(lips, BLACK, 0.65))


def _opening(person: Person) -> tuple[float, float]:
    """Return y of the inner edges of the upper and the lower lip, in the middle of the mouth."""
    if person.has["Smiling"]:
        return MOUTH_Y - 7, MOUTH_Y + (32 if person.has["Mouth_Slightly_Open"] else 19)
    return (MOUTH_Y - 3, MOUTH_Y + 32) if person.has["Mouth_Slightly_Open"] else (MOUTH_Y, MOUTH_Y)


def _edge(x: float, y: float, middle: float) -> Points:
    """Return the edge of a lip between the corners (-x, y) and (x, y)."""
    bend = 0.14 * y + 0.86 * middle
    return curve([(-x, y), (-0.6 * x, bend), (0, middle), (0.6 * x, bend), (x, y)])


def _lip_colour(person: Person) -> Colour:
    if person.has["Wearing_Lipstick"]:
        return mix((206, 16, 44), (190, 24, 104), person.makeup)
    return mix(person.skin, (168, 62, 66), 0.40 if person.has["Male"] else 0.55)


def _draw_smile(canvas: Canvas, person: Person, opening: Points) -> None:
    """Draw teeth and dimples, and the tongue if the mouth is open."""
    x, y = mouth_corner(person)
    if person.has["Mouth_Slightly_Open"]:
        canvas.fill(opening, THROAT)
        canvas.fill(ellipse(0, MOUTH_Y + 28.5, 10, 2.4), TONGUE)
        teeth = np.concatenate(
            [_edge(x - 2, y + 1, MOUTH_Y - 6), _edge(x - 2, y + 1, MOUTH_Y + 10.5)[::-1]]
        )
        canvas.fill(teeth, TEETH)
    else:
        canvas.fill(opening, TEETH)
        gap = _edge(x, y, MOUTH_Y + 5)
        canvas.fill(stroke(gap, 1.0, 0.5), mix(TEETH, BLACK, 0.25))
    for side in (-1, 1):
        dimple = curve([(side * (x + 2), y - 5), (side * (x + 5), y), (side * (x + 3), y + 5)])
        canvas.fill(stroke(dimple, 2.6, 0.8), person.crease)
