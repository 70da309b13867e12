"""Facial hair: stubble, sideburns, goatee and moustache."""

import numpy as np

from latent.download.faces.sample.canvas import Canvas, Colour, curve, ellipse, mirror, mix
from latent.download.faces.sample.head import face_outline
from latent.download.faces.sample.mouth import MOUTH_Y
from latent.download.faces.sample.person import Person

STUBBLE: Colour = (44, 44, 58)


def draw_beard(canvas: Canvas, person: Person) -> None:
    """Draw stubble, sideburns and goatee. The mouth must be drawn after them."""
    has = person.has
    outline = face_outline(person)
    hair = mix(person.hair, (40, 24, 16), 0.40)
    if has["5_o_Clock_Shadow"]:
        half = curve([(62, 130), (44, 138), (24, 139), (0, 138)])
        below = np.array([(-70.0, 200.0), (70.0, 200.0)])
        canvas.glow(np.concatenate([half, mirror(half), below]), STUBBLE, 0.50, 3.0, within=outline)
    if has["Sideburns"]:
        side = curve([(60, 94), (46, 98), (44, 124), (42, 150), (52, 164), (60, 152)])
        for strip in (side, mirror(side)):
            canvas.glow(strip, hair, 1.0, 0.6, within=outline)
    if has["Goatee"]:
        half = curve([(27, 158), (31, 176), (25, 195), (10, 202), (0, 203)])
        canvas.fill(np.concatenate([half, mirror(half)]), hair)
        canvas.fill(ellipse(0, MOUTH_Y + 4, 22, 12), person.skin)


def draw_mustache(canvas: Canvas, person: Person) -> None:
    """Draw the moustache over the upper lip. The mouth must be drawn before it."""
    if not person.has["Mustache"]:
        return
    half = curve([(0, 140.5), (8, 139), (19, 143), (27, 151), (22, 152.5), (11, 149), (0, 148.5)])
    canvas.fill(np.concatenate([half, mirror(half)]), mix(person.hair, (40, 24, 16), 0.45))
