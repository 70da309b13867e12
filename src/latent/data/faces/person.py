"""A person to draw: the attributes, and all that the attributes leave open."""

from colorsys import hsv_to_rgb
from dataclasses import dataclass

import numpy as np

from latent.data.faces.attributes import Attributes
from latent.data.faces.canvas import WHITE, Colour, Pose, mix

# From light to dark. Pale skin is lighter than the lightest of the others.
SKIN: tuple[Colour, ...] = ((232, 182, 146), (213, 158, 118), (176, 120, 82), (120, 77, 52))
PALE_SKIN: tuple[Colour, ...] = ((253, 232, 221), (250, 223, 209))

HAIR: dict[str, tuple[Colour, Colour]] = {
    "Black_Hair": ((18, 16, 20), (38, 32, 34)),
    "Brown_Hair": ((90, 48, 24), (120, 68, 36)),
    "Blond_Hair": ((226, 190, 102), (246, 220, 148)),
    "Gray_Hair": ((146, 148, 154), (196, 197, 202)),
}
# Dyed rather than red: between red and black lies brown, which could not be told from the two by
# any straight line through the colours.
DYED_HAIR: tuple[Colour, Colour] = ((172, 58, 122), (112, 62, 164))
GREYING: Colour = (150, 148, 148)

IRISES: tuple[Colour, ...] = ((84, 52, 30), (62, 108, 66), (58, 104, 160), (104, 84, 48))


@dataclass(frozen=True)
class Person:
    """Everything that decides how a face is drawn."""

    has: Attributes
    pose: Pose
    skin: Colour
    hair: Colour
    """Also the colour of the brows and the beard of who has no hair."""
    iris: Colour
    clothes: Colour
    hat: Colour
    backdrop: tuple[Colour, Colour]
    """At the top and at the bottom of the image."""
    light: tuple[float, float]
    """How much brighter the image gets from its middle to its right and lower edge."""
    hair_length: float
    """From 0, as short as the attributes allow, to 1, as long."""
    parting: float
    """Where the hair parts, from -1 on the left of the face to 1 on the right."""
    brimmed: bool
    """Whether a hat has a brim, or is knitted."""
    makeup: float
    """The tone of lipstick and eye shadow, from 0 to 1."""

    @property
    def shade(self) -> Colour:
        """The skin in shadow."""
        return mix(self.skin, (110, 40, 30), 0.24)

    @property
    def crease(self) -> Colour:
        """The skin in a fold."""
        return mix(self.skin, (74, 26, 20), 0.46)

    @property
    def shine(self) -> Colour:
        """The skin in the light."""
        return mix(self.skin, WHITE, 0.28)

    @property
    def brow(self) -> Colour:
        """The eyebrows, which are darker than the hair."""
        return mix(self.hair, (30, 18, 12), 0.50)


def make_person(has: Attributes, generator: np.random.Generator) -> Person:
    """Return a person with the given attributes, and everything else drawn from `generator`.

    The same numbers are drawn whatever the attributes are. So two people made from generators in
    the same state differ by nothing but their attributes.
    """
    turn, left, down, size = np.clip(generator.normal(size=4), -2, 2).tolist()
    skin, hair, iris, parting, length, brim, makeup = generator.random(7).tolist()
    light = generator.uniform(-0.09, 0.09, size=2).tolist()
    hues = generator.random((3, 3)).tolist()

    hue, *tone = hues[0]
    return Person(
        has=has,
        pose=Pose(x=1.0 * left, y=1.2 * down, angle=0.018 * turn, scale=1 + 0.012 * size),
        skin=_skin(has, skin),
        hair=_hair(has, hair),
        iris=IRISES[int(iris * len(IRISES))],
        clothes=_colour(hues[1][0], 0.25 + 0.4 * hues[1][1], 0.3 + 0.45 * hues[1][2]),
        hat=_colour(hues[2][0], 0.5 + 0.25 * hues[2][1], 0.45 + 0.35 * hues[2][2]),
        backdrop=(
            _colour(hue, 0.10 + 0.22 * tone[0], 0.62 + 0.26 * tone[1]),
            _colour(hue, 0.16 + 0.26 * tone[0], 0.46 + 0.26 * tone[1]),
        ),
        light=(light[0], light[1]),
        hair_length=length,
        parting=2 * parting - 1,
        brimmed=brim < 0.5,
        makeup=makeup,
    )


def _skin(has: Attributes, place: float) -> Colour:
    # Light tones are more frequent: they leave more room for what is drawn in shadow.
    skin = _along(PALE_SKIN, place) if has["Pale_Skin"] else _along(SKIN, place**1.5)
    return skin if has["Young"] else mix(skin, (150, 122, 104), 0.30)


def _hair(has: Attributes, place: float) -> Colour:
    named = [colours for name, colours in HAIR.items() if has[name]]
    if has["Bald"]:
        hair = _along(HAIR["Brown_Hair"], place)
    else:
        hair = _along(named[0] if named else DYED_HAIR, place)
    # Even hair that is not called grey has lost some of its colour with age.
    return hair if has["Young"] else mix(hair, GREYING, 0.18)


def _along(colours: tuple[Colour, ...], place: float) -> Colour:
    """Return the colour at `place`, from 0 to 1, on the way through `colours`."""
    step, share = divmod(place * (len(colours) - 1), 1)
    return mix(colours[int(step)], colours[min(int(step) + 1, len(colours) - 1)], share)


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = (round(255 * part) for part in hsv_to_rgb(hue, saturation, value))
    return red, green, blue
