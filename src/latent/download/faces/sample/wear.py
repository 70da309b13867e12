"""Clothes, jewellery, glasses and hats."""

import numpy as np

from latent.download.faces.sample.canvas import (
    BLACK,
    WHITE,
    Canvas,
    Colour,
    curve,
    ellipse,
    mirror,
    mix,
    stroke,
)
from latent.download.faces.sample.features import EYE_X
from latent.download.faces.sample.head import EYE_Y
from latent.download.faces.sample.person import Person

GOLD: Colour = (246, 196, 52)
FRAME: Colour = (22, 20, 26)


def draw_clothes(canvas: Canvas, person: Person) -> None:
    """Draw the shoulders with a shirt, and a necktie or a necklace."""
    has = person.has
    shoulder = 28.0 if has["Male"] else 23.0
    half = curve([(0, 214), (20, 207), (shoulder, 194), (62, 204), (96, 218)])
    half = np.concatenate([half, [(110.0, 250.0)]])
    canvas.fill(np.concatenate([half, mirror(half)]), person.clothes)
    if has["Wearing_Necktie"]:
        for side in (-1, 1):
            collar = np.array([(0, 204), (30, 188), (40, 202), (22, 226), (0, 210)])
            canvas.fill(collar * (side, 1.0), WHITE)
        tie = mix(person.hat, (150, 10, 20), 0.85)
        canvas.fill(
            np.array([(-9, 200), (9, 200), (6, 210), (14, 250), (-14, 250), (-6, 210)]), tie
        )
        canvas.fill(np.array([(-6, 210), (6, 210), (7, 212), (-7, 212)]), mix(tie, BLACK, 0.4))
    if has["Wearing_Necklace"]:
        chain = curve(
            [(-30, 190), (-24, 201), (-10, 208), (0, 210), (10, 208), (24, 201), (30, 190)]
        )
        canvas.fill(stroke(chain, 4.4, 0.2), GOLD)
        canvas.fill(ellipse(0, 211, 6, 6), GOLD)
        canvas.fill(ellipse(-1, 210, 2.5, 2.5), mix(GOLD, WHITE, 0.7))


def draw_earrings(canvas: Canvas, person: Person) -> None:
    """Draw earrings. The hair must be drawn before them."""
    if not person.has["Wearing_Earrings"]:
        return
    for side in (-1, 1):
        canvas.fill(ellipse(side * 57, 137, 4, 4), GOLD)
        canvas.fill(ellipse(side * 57, 150, 7, 9), GOLD)
        canvas.fill(ellipse(side * 57 - 2, 147, 2.4, 3), mix(GOLD, WHITE, 0.8))


def draw_eyeglasses(canvas: Canvas, person: Person) -> None:
    """Draw glasses with thick dark frames."""
    if not person.has["Eyeglasses"]:
        return
    ring = np.linspace(0, 2 * np.pi, 29)
    for side in (-1, 1):
        # A superellipse, which is a shape between an ellipse and a rectangle.
        across, down = np.cos(ring), np.sin(ring)
        x = side * (EYE_X + 3) + 18.5 * np.sign(across) * np.abs(across) ** 0.7
        y = EYE_Y + 1.5 + 16.5 * np.sign(down) * np.abs(down) ** 0.7
        canvas.fill(stroke(np.stack([x, y], axis=1), 7.5), FRAME)
        temple = curve([(side * 40, EYE_Y - 3), (side * 57, EYE_Y - 4)])
        canvas.fill(stroke(temple, 6.0), FRAME)
    canvas.fill(stroke(curve([(-4, 110), (0, 107.5), (4, 110)]), 6.0), FRAME)


def draw_hat(canvas: Canvas, person: Person) -> None:
    """Draw a hat with a brim, or a knitted cap."""
    if not person.has["Wearing_Hat"]:
        return
    band = mix(person.hat, BLACK, 0.45)
    if person.brimmed:
        half = curve([(52, 72), (51, 44), (42, 18), (18, 10), (0, 14)])
        canvas.fill(np.concatenate([half, mirror(half)]), person.hat)
        ribbon = curve([(52, 56), (26, 62), (0, 64)])
        ribbon = np.concatenate([ribbon, mirror(ribbon)])
        canvas.fill(np.concatenate([ribbon, ribbon[::-1] + np.array([0, 14])]), band)
        canvas.fill(ellipse(0, 72, 84, 10), mix(person.hat, BLACK, 0.15))
        canvas.fill(ellipse(0, 70, 82, 7.5), person.hat)
    else:
        half = curve([(60, 74), (60, 50), (46, 24), (20, 12), (0, 10)])
        canvas.fill(np.concatenate([half, mirror(half)]), person.hat)
        canvas.fill(ellipse(0, 9, 13, 12), mix(person.hat, WHITE, 0.55))
        cuff = stroke(curve([(-60, 72), (-30, 70), (0, 69), (30, 70), (60, 72)]), 20)
        canvas.fill(cuff, mix(person.hat, WHITE, 0.25))
        for x in range(-48, 49, 12):
            rib = curve([(x, 61), (x, 79)])
            canvas.fill(stroke(rib, 1.8), person.hat)
