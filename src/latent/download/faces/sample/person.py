"""Properties of a person: the attributes and everything that they do not determine."""

from dataclasses import dataclass

import numpy as np

from latent.download.faces.sample.attributes import Attributes
from latent.download.faces.sample.canvas import WHITE, Colour, Pose, mix

# Both from light to dark. Pale skin is lighter than all other skin.
SKIN: tuple[Colour, ...] = ((214, 156, 114), (196, 138, 98), (172, 116, 80), (136, 88, 60))
PALE_SKIN: tuple[Colour, ...] = ((253, 232, 221), (250, 223, 209))
AGED_SKIN: Colour = (144, 122, 108)

HAIR: dict[str, tuple[Colour, Colour]] = {
    "Black_Hair": ((16, 18, 30), (24, 26, 38)),
    "Brown_Hair": ((138, 66, 18), (150, 75, 24)),
    "Blond_Hair": ((246, 204, 80), (252, 214, 98)),
    "Gray_Hair": ((160, 168, 182), (174, 182, 196)),
}
# Hair without a colour attribute is dyed, not red. Brown is between red and black in RGB space. A
# linear classifier could therefore not separate it from these two colours.
DYED_HAIR: tuple[Colour, Colour] = ((172, 58, 122), (112, 62, 164))
GREYING: Colour = (150, 148, 148)

# Large areas without an attribute vary little between faces. Otherwise a model that is trained for
# a few epochs would learn their colours before the smile, which covers fewer pixels.
BACKDROP: tuple[Colour, Colour] = ((206, 220, 226), (214, 222, 220))
YOUNG_CLOTHES: tuple[Colour, Colour] = ((214, 112, 84), (206, 120, 96))
OLD_CLOTHES: tuple[Colour, Colour] = ((58, 70, 84), (66, 74, 92))
HAT: tuple[Colour, Colour] = ((30, 72, 186), (44, 84, 196))

IRISES: tuple[Colour, ...] = ((84, 52, 30), (62, 108, 66), (58, 104, 160), (104, 84, 48))


@dataclass(frozen=True)
class Person:
    """All properties that determine the image of a face."""

    has: Attributes
    pose: Pose
    skin: Colour
    hair: Colour
    """Also the base colour of eyebrows and beard, including those of bald people."""
    iris: Colour
    clothes: Colour
    hat: Colour
    backdrop: Colour
    hair_length: float
    """From 0 (shortest) to 1 (longest)."""
    parting: float
    """Position of the parting, from -1 (left side of the image) to 1 (right side)."""
    brimmed: bool
    """Whether a hat has a brim. Otherwise it is a knitted cap."""
    makeup: float
    """Tone of lipstick and eye shadow, from 0 to 1."""

    @property
    def shade(self) -> Colour:
        """Colour of skin in shadow."""
        return mix(self.skin, (110, 40, 30), 0.24)

    @property
    def crease(self) -> Colour:
        """Colour of folds and wrinkles of the skin."""
        return mix(self.skin, (74, 26, 20), 0.46)

    @property
    def shine(self) -> Colour:
        """Colour of highlights on the skin."""
        return mix(self.skin, WHITE, 0.28)

    @property
    def brow(self) -> Colour:
        """Colour of the eyebrows, which are darker than the hair."""
        return mix(self.hair, (30, 18, 12), 0.50)


def make_person(has: Attributes, generator: np.random.Generator) -> Person:
    """Return a person with the given attributes and randomly sampled other properties.

    The random numbers do not depend on the attributes. Two people made from generators in the same
    state therefore differ only in their attributes.
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
        clothes=_interpolate(YOUNG_CLOTHES if has["Young"] else OLD_CLOTHES, clothes),
        hat=_interpolate(HAT, hat),
        backdrop=_interpolate(BACKDROP, backdrop),
        hair_length=length,
        parting=2 * parting - 1,
        brimmed=brim < 0.5,
        makeup=makeup,
    )


def _skin(has: Attributes, position: float) -> Colour:
    if has["Pale_Skin"]:
        skin = _interpolate(PALE_SKIN, position)
    else:
        # Light tones are more frequent, because shadows are more visible on them.
        skin = _interpolate(SKIN, position**1.5)
    return skin if has["Young"] else mix(skin, AGED_SKIN, 0.36)


def _hair(has: Attributes, position: float) -> Colour:
    named = [colours for name, colours in HAIR.items() if has[name]]
    if has["Bald"]:
        hair = _interpolate(HAIR["Brown_Hair"], position)
    else:
        hair = _interpolate(named[0] if named else DYED_HAIR, position)
    # The hair of old people is slightly grey even without the attribute Gray_Hair.
    return hair if has["Young"] else mix(hair, GREYING, 0.10)


def _interpolate(colours: tuple[Colour, ...], position: float) -> Colour:
    """Interpolate linearly between neighbouring `colours`, with `position` from 0 to 1."""
    step, share = divmod(position * (len(colours) - 1), 1)
    return mix(colours[int(step)], colours[min(int(step) + 1, len(colours) - 1)], share)
