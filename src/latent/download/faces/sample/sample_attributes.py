"""Samples plausible attributes of a person.

The probabilities are chosen for training and differ from CelebA. Each visible attribute is frequent
enough to be learnt from a few thousand faces in a few epochs. Unrelated attributes are independent.
"""

import numpy as np

from latent.download.faces.sample.attributes import ATTRIBUTES, Attributes

HAIR_COLOURS = ("Black_Hair", "Brown_Hair", "Blond_Hair", "Gray_Hair")
BEARDS = ("5_o_Clock_Shadow", "Goatee", "Mustache", "Sideburns")

# Probabilities of the colours in HAIR_COLOURS. The remainder to 1 is the probability of dyed hair,
# which has no attribute.
YOUNG_HAIR = (0.29, 0.33, 0.29, 0.06)
OLD_HAIR = (0.14, 0.17, 0.14, 0.52)


def sample_attributes(generator: np.random.Generator) -> Attributes:
    """Sample the attributes of one person, in the order of `ATTRIBUTES`.

    The attributes are consistent:

    - A person has at most one hair colour.
    - A bald person has no attributes of hair.
    - A person with a hat has no bangs, no receding hairline and is not bald.
    - Only men have beards. `No_Beard` is true if all attributes in `BEARDS` are false.
    - Only women wear make-up.
    """

    def chance(probability: float) -> bool:
        return bool(generator.random() < probability)

    has = dict.fromkeys(ATTRIBUTES, False)
    man = has["Male"] = chance(0.45)
    young = has["Young"] = chance(0.47)

    _sample_hair(has, generator)
    if man:
        _sample_beard(has, generator)
    has["No_Beard"] = not any(has[beard] for beard in BEARDS)

    smiling = has["Smiling"] = chance(0.48)
    has["Mouth_Slightly_Open"] = chance(0.46 if smiling else 0.42)
    has["High_Cheekbones"] = chance(0.45 if smiling else 0.15)
    has["Pale_Skin"] = chance(0.27)
    has["Eyeglasses"] = chance(0.38 if young else 0.44)
    has["Narrow_Eyes"] = chance(0.18)
    has["Bags_Under_Eyes"] = chance(0.12 if young else 0.32)
    has["Big_Lips"] = chance(0.18 if man else 0.32)
    has["Big_Nose"] = chance(0.32 if man else 0.20)
    has["Pointy_Nose"] = not has["Big_Nose"] and chance(0.32)
    has["Bushy_Eyebrows"] = chance(0.32 if man else 0.08)
    has["Arched_Eyebrows"] = chance(0.12 if man else 0.38)
    has["Chubby"] = chance(0.18)
    has["Double_Chin"] = chance(0.40 if has["Chubby"] else 0.05)
    has["Oval_Face"] = not has["Chubby"] and chance(0.35)

    has["Heavy_Makeup"] = not man and chance(0.40)
    has["Wearing_Lipstick"] = not man and chance(0.80 if has["Heavy_Makeup"] else 0.25)
    has["Rosy_Cheeks"] = chance(0.08 if man else 0.30)
    has["Wearing_Earrings"] = chance(0.04 if man else 0.38)
    has["Wearing_Necktie"] = man and chance(0.35)
    has["Wearing_Necklace"] = not has["Wearing_Necktie"] and chance(0.04 if man else 0.35)
    has["Blurry"] = chance(0.06)
    # In CelebA this attribute is the opinion of the annotators. Here it depends on five others.
    criteria = (young, smiling, has["Oval_Face"], has["Heavy_Makeup"], not has["Chubby"])
    has["Attractive"] = chance(0.05 + 0.14 * sum(criteria))
    return has


def _sample_hair(has: dict[str, bool], generator: np.random.Generator) -> None:
    """Set the attributes of hair (colour, shape and hairline), baldness and hat."""
    man, young = has["Male"], has["Young"]
    if man and generator.random() < (0.12 if young else 0.28):
        has["Bald"] = True
        return

    probabilities = YOUNG_HAIR if young else OLD_HAIR
    colours = (*HAIR_COLOURS, None)
    place = np.searchsorted(np.cumsum(probabilities), generator.random(), side="right")
    colour = colours[int(place)]
    if colour is not None:
        has[colour] = True

    shape = generator.random()
    has["Straight_Hair"] = bool(shape < 0.38)
    has["Wavy_Hair"] = bool(shape > 0.58)

    forehead = generator.random()
    if generator.random() < 0.22:
        has["Wearing_Hat"] = True
    elif forehead < (0.25 if man else 0.38):
        has["Bangs"] = True
    elif man:
        has["Receding_Hairline"] = bool(forehead > (0.75 if young else 0.50))


def _sample_beard(has: dict[str, bool], generator: np.random.Generator) -> None:
    """Set the attributes of a man's beard: none, or one or more of the four kinds."""
    if generator.random() < 0.40:
        return
    kinds = generator.random(len(BEARDS)) < 0.42
    # A beard has at least one kind.
    kinds[int(generator.integers(len(BEARDS)))] = True
    has.update(zip(BEARDS, kinds.tolist(), strict=True))
