"""Hair of the head, behind and in front of the face."""

import numpy as np

from latent.download.faces.sample.canvas import (
    BLACK,
    WHITE,
    Canvas,
    Points,
    curve,
    mirror,
    mix,
    ripple,
    stroke,
)
from latent.download.faces.sample.person import Person


def draw_hair_behind(canvas: Canvas, person: Person) -> None:
    """Draw the part of long hair that is behind the neck and the face."""
    if person.has["Male"]:
        return
    end = _hair_end(person)
    side = _waved(person, curve([(0, 30), (56, 46), (74, 96), (80, 150), (76, end), (40, end + 8)]))
    canvas.fill(np.concatenate([side, mirror(side)]), mix(person.hair, BLACK, 0.30))


def draw_hair_before(canvas: Canvas, person: Person) -> None:
    """Draw the hair in front of the head, down to the hairline, and bangs."""
    has = person.has
    if has["Bald"]:
        return
    if has["Male"]:
        _draw_short(canvas, person)
    else:
        _draw_long(canvas, person)
    if has["Bangs"]:
        _draw_bangs(canvas, person)


def _hair_end(person: Person) -> float:
    """Return the y coordinate of the lower end of long hair."""
    return 198 + 12 * person.hair_length


def _waved(person: Person, line: Points) -> Points:
    return ripple(line, 3.6, 26) if person.has["Wavy_Hair"] else line


def _draw_short(canvas: Canvas, person: Person) -> None:
    sides = 112 + 4 * person.hair_length
    top = 40 if person.has["Receding_Hairline"] else 27
    half = curve([(56, sides), (65, 84), (62, 56), (38, top + 6), (0, top)])
    crown = _waved(person, np.concatenate([half, mirror(half)[1:]]))
    line = [(-49.0, sides), (-48.0, 84.0), (-41.0, 68.0)]
    if person.has["Receding_Hairline"]:
        # The hair recedes over the temples, with a tuft in the middle.
        line += [(-36.0, 55.0), (-24.0, 47.0), (-10.0, 52.0)]
    else:
        line += [(-30.0, 62.0), (-14.0, 61.0 + 4 * person.parting)]
    hairline = curve(line)
    canvas.fill(np.concatenate([crown, hairline, mirror(hairline)]), person.hair)
    if not person.has["Receding_Hairline"]:
        strands = [
            curve([(x, 58 - 0.1 * abs(x)), (0.9 * x, 46), (0.6 * x, 38)])
            for x in (-38, -24, -10, 10, 24, 38)
        ]
        _draw_strands(canvas, person, strands)


def _draw_long(canvas: Canvas, person: Person) -> None:
    end = _hair_end(person)
    part_x = 8 * person.parting
    part_y = 47.0 if person.has["Receding_Hairline"] else 56.0
    strands = []
    for side in (-1, 1):
        outer = _waved(person, curve([(0, 26), (36, 30), (64, 54), (75, 96), (81, 150), (80, end)]))
        inner = _waved(
            person,
            curve([(54, end), (51, 164), (52, 134), (49, 98), (40, 74), (side * part_x, part_y)]),
        )
        canvas.fill(np.concatenate([outer, inner]) * (side, 1.0), person.hair)
        for x in (58, 65.5, 73):
            strand = curve([(x - 12, 66), (x - 3, 92), (x, 130), (x + 2, 164), (x + 1, end - 8)])
            strands.append(_waved(person, strand) * (side, 1.0))
    _draw_strands(canvas, person, strands)
    band = curve([(-44, 60), (-24, 42), (0, 37), (24, 42), (44, 60)])
    canvas.fill(stroke(band, 6, 1.0), mix(person.hair, WHITE, 0.20))


def _draw_strands(canvas: Canvas, person: Person, strands: list[Points]) -> None:
    """Draw single strands if the hair is straight or wavy."""
    if not (person.has["Straight_Hair"] or person.has["Wavy_Hair"]):
        return
    for number, strand in enumerate(strands):
        tone = mix(person.hair, BLACK, 0.35) if number % 2 else mix(person.hair, WHITE, 0.30)
        canvas.fill(stroke(strand, 2.0, 0.8), tone)


def _draw_bangs(canvas: Canvas, person: Person) -> None:
    """Draw bangs down to the eyebrows."""
    over = curve([(-52, 94), (-54, 66), (-34, 42), (0, 36), (34, 42), (54, 66), (52, 94)])
    locks = [(x, 93.0 if number % 2 else 85.0) for number, x in enumerate(range(44, -45, -11))]
    canvas.fill(np.concatenate([over, locks]), person.hair)
    for x in (-33, -11, 11, 33):
        gap = curve([(x * 0.6, 52), (x * 0.9, 70), (x, 88)])
        canvas.fill(stroke(gap, 2.4, 0.9), mix(person.hair, BLACK, 0.30))
