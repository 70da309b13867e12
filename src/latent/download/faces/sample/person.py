"""A person to draw: the attributes, and all that the attributes leave open."""

from dataclasses import dataclass

import numpy as np

from latent.download.faces.sample.attributes import Attributes
from latent.download.faces.sample.canvas import WHITE, Colour, Pose, mix

# From light to dark. Pale skin is lighter than the lightest of the others.
SKIN: tuple[Colour, ...] = ((214, 156, 114), (196, 138, 98), (172, 116, 80), (136, 88, 60))
PALE_SKIN: tuple[Colour, ...] = ((253, 232, 221), (250, 223, 209))
AGED_SKIN: Colour = (144, 122, 108)

HAIR: dict[str, tuple[Colour, Colour]] = {
    "Black_Hair": ((16, 18, 30), (24, 26, 38)),
    "Brown_Hair": ((138, 66, 18), (150, 75, 24)),
    "Blond_Hair": ((246, 204, 80), (252, 214, 98)),
    "Gray_Hair": ((160, 168, 182), (174, 182, 196)),
}
# Dyed rather than red: between red and black lies brown, which could not be told from the two by
# any straight line through the colours.
DYED_HAIR: tuple[Colour, Colour] = ((172, 58, 122), (112, 62, 164))
GREYING: Colour = (150, 148, 148)

# What has no attribute hardly differs from face to face: a model that is trained for a few epochs
# would learn it before the smile, which covers less of the image.
BACKDROP: tuple[Colour, Colour] = ((206, 220, 226), (214, 222, 220))
YOUNG_CLOTHES: tuple[Colour, Colour] = ((214, 112, 84), (206, 120, 96))
OLD_CLOTHES: tuple[Colour, Colour] = ((58, 70, 84), (66, 74, 92))
HAT: tuple[Colour, Colour] = ((30, 72, 186), (44, 84, 196))

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
    backdrop: Colour
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
    backdrop, clothes, hat = generator.random(3).tolist()
    return Person(
        has=has,
        pose=Pose(x=0.6 * left, y=0.7 * down, angle=0.010 * turn, scale=1 + 0.007 * size),
        skin=_skin(has, skin),
        hair=_hair(has, hair),
        iris=IRISES[int(iris * len(IRISES))],
        clothes=_along(YOUNG_CLOTHES if has["Young"] else OLD_CLOTHES, clothes),
        hat=_along(HAT, hat),
        backdrop=_along(BACKDROP, backdrop),
        hair_length=length,
        parting=2 * parting - 1,
        brimmed=brim < 0.5,
        makeup=makeup,
    )


def _skin(has: Attributes, place: float) -> Colour:
    # Light tones are more frequent: they leave more room for what is drawn in shadow.
    skin = _along(PALE_SKIN, place) if has["Pale_Skin"] else _along(SKIN, place**1.5)
    return skin if has["Young"] else mix(skin, AGED_SKIN, 0.36)


def _hair(has: Attributes, place: float) -> Colour:
    named = [colours for name, colours in HAIR.items() if has[name]]
    if has["Bald"]:
        hair = _along(HAIR["Brown_Hair"], place)
    else:
        hair = _along(named[0] if named else DYED_HAIR, place)
    # Even hair that is not called grey has lost some of its colour with age.
    return hair if has["Young"] else mix(hair, GREYING, 0.10)


def _along(colours: tuple[Colour, ...], place: float) -> Colour:
    """Return the colour at `place`, from 0 to 1, on the way through `colours`."""
    step, share = divmod(place * (len(colours) - 1), 1)
    return mix(colours[int(step)], colours[min(int(step) + 1, len(colours) - 1)], share)
