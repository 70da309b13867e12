"""The chapter's claims beside what was measured, and whether they hold.

Each claim has a rule on numbers, which its `measure` names. Numbers are those of the stages
`evaluate` and `evaluate_edits`. Where one is missing, as without a classifier, nothing is decided.

Source of the claims: D. Foster, Generative Deep Learning, 2nd ed., O'Reilly 2023, chapter 3.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Numbers = Mapping[str, float]

AUTOENCODER = "ae_fashion"
HEADS = ("claim of the chapter", "measure", "autoencoder", "VAE", "holds?")

HOLES = 0.05  # of what is drawn; a space without holes shows 0.01
CLASS_IMBALANCE = 0.1  # of what is drawn, that would have to change class
FAR_MEAN = 0.25  # what figure 3-17 marks as far from 0
NEAR_STD = (0.75, 1.25)  # outside of which it marks a standard deviation as far from 1
UNLIKE = 0.05  # of the dimensions, as chance alone would have it
CONVINCING = 0.9  # of what real images reach
ALIKE = 2.0  # times the distance of real images
EDITED = (
    0.5  # of the attributes that the classifier can classifier, and of those that it sees change
)


@dataclass(frozen=True)
class Claim:
    """A row of the table of claims.

    Attributes:
        claim: what the chapter says.
        measure: what was measured, and which numbers bear the claim out.
        autoencoder: its numbers as text; "–" where the claim is not of it, or they are missing.
        vae: likewise.
        holds: whether the claim does, or of the autoencoder and of the VAE whether its half does;
            empty where a number is missing.
    """

    claim: str
    measure: str
    autoencoder: str
    vae: str
    holds: tuple[bool, ...]

    @property
    def verdict(self) -> str:
        """Whether the claim holds, in a few words."""
        match self.holds:
            case ():
                return "not measured"
            case (True, False):
                return "of the autoencoder only"
            case (False, True):
                return "of the VAE only"
            case _:
                return "yes" if self.holds[0] else "no"

    @property
    def row(self) -> list[str]:
        """The texts below `HEADS`."""
        return [self.claim, self.measure, self.autoencoder, self.vae, self.verdict]


class Rule(NamedTuple):
    """How a claim becomes a row.

    Attributes:
        claim: what the chapter says.
        measure: what is measured, and which numbers bear the claim out.
        autoencoder: keys of the autoencoder's numbers; none where the claim is not of it.
        vae: the VAE, and keys of its numbers.
        show: the text of one model's numbers.
        holds: called with all numbers, the autoencoder's first; empty where they decide nothing.
    """

    claim: str
    measure: str
    autoencoder: Sequence[str]
    vae: tuple[str, Sequence[str]]
    show: Callable[..., str]
    holds: Callable[..., tuple[bool, ...]]

    def claim_of(self, numbers: Mapping[str, Numbers]) -> Claim:
        """Return the row, given the numbers of each model by its name."""
        model, keys = self.vae
        of_autoencoder = _find(numbers.get(AUTOENCODER, {}), self.autoencoder)
        of_vae = _find(numbers.get(model, {}), keys)
        holds: tuple[bool, ...] = ()
        if of_autoencoder is not None and of_vae is not None:
            holds = self.holds(*of_autoencoder, *of_vae)
        return Claim(
            self.claim,
            self.measure,
            self.show(*of_autoencoder) if of_autoencoder else "–",
            self.show(*of_vae) if of_vae else "–",
            holds,
        )


def check_claims(numbers: Mapping[str, Numbers]) -> list[Claim]:
    """Return the claims, in the chapter's order.

    Args:
        numbers: of each model by its name: its `<model>_evaluation.json` and, of the faces, with it
            `<model>_edits.json`.
    """
    return [rule.claim_of(numbers) for rule in RULES]


def as_markdown(claims: Sequence[Claim]) -> str:
    """Return the table as Markdown has it."""
    lines = [HEADS, ["---"] * len(HEADS), *(claim.row for claim in claims)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _find(numbers: Numbers, keys: Sequence[str]) -> list[float] | None:
    found = [numbers[f"evaluate/{key}"] for key in keys if f"evaluate/{key}" in numbers]
    return found if len(found) == len(keys) else None


def percent(share: float) -> str:
    """Return a share as text, with one digit and a minus sign where it is negative."""
    return f"{100 * share:.1f} %".replace("-", "−")


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _beside_real(share: float, floor: float) -> str:
    return f"{percent(share)} (real: {percent(floor)})"


def _counted(some: float, total: float) -> str:
    return f"{some:.0f} of {total:.0f}"


def _is_less(share: float, other: float, count: float) -> bool:
    """Say whether a share of `count` is less than another by two standard errors."""
    variance = (share * (1 - share) + other * (1 - other)) / count
    return other - share > 2 * math.sqrt(variance)


def _is_wide_as_prior(low: float, high: float) -> bool:
    return NEAR_STD[0] <= low and high <= NEAR_STD[1]


RULES = (
    Rule(
        "A VAE’s space is centred, an autoencoder’s is not",
        "the largest mean of a dimension, without its sign; centred is up to 0.25",
        ["mean_abs_max"],
        ("vae_fashion", ["mean_abs_max"]),
        _number,
        lambda ae, vae: (ae > FAR_MEAN, vae <= FAR_MEAN),
    ),
    Rule(
        "A VAE’s space is as wide as the prior, an autoencoder’s has no bounds",
        "standard deviation along the dimensions; like the prior is 0.75 to 1.25",
        ["std_min", "std_max"],
        ("vae_fashion", ["std_min", "std_max"]),
        lambda low, high: f"{_number(low)} to {_number(high)}",
        lambda low, high, vae_low, vae_high: (
            not _is_wide_as_prior(low, high),
            _is_wide_as_prior(vae_low, vae_high),
        ),
    ),
    Rule(
        "An autoencoder’s space has holes, a VAE’s has none",
        "of what is drawn (autoencoder: from the box, then from the normal distribution fitted to "
        "its embeddings, VAE: from the prior), what lies farther from any embedding than "
        "embeddings from each other; none is up to 5 %, chance 1 %; an autoencoder’s holes show "
        "in both",
        ["holes/box", "holes/gaussian"],
        ("vae_fashion", ["holes/prior"]),
        lambda *shares: ", ".join(percent(share) for share in shares),
        lambda box, gaussian, vae: (min(box, gaussian) > HOLES, vae <= HOLES),
    ),
    Rule(
        "An autoencoder gives classes unequal areas, a VAE favours no class",
        "of what is drawn, what would have to change class for all to have their share; equal is "
        "up to 10 %",
        ["class_imbalance/box"],
        ("vae_fashion", ["class_imbalance/prior"]),
        percent,
        lambda ae, vae: (ae > CLASS_IMBALANCE, vae <= CLASS_IMBALANCE),
    ),
    Rule(
        "Fewer of a VAE’s samples are malformed",
        "of what is drawn, what lies outside of where the classifier sees real images (1 − precision); "
        "fewer is by two standard errors, where an autoencoder’s exceed real images’ by as many",
        ["box/malformed", "real_images/malformed", "compared"],
        ("vae_fashion", ["prior/malformed", "real_images/malformed", "compared"]),
        lambda share, floor, _: _beside_real(share, floor),
        lambda ae, floor, count, vae, *_: (
            _is_less(vae, ae, count) and _is_less(floor, ae, count),
        ),
    ),
    Rule(
        "Faces of N(0, I) are convincing",
        "those that lie where the classifier sees real images (precision); yes is from nine tenths of "
        "real images’",
        [],
        ("vae_faces", ["prior/precision", "real_images/precision"]),
        _beside_real,
        lambda share, floor: (share >= CONVINCING * floor,),
    ),
    Rule(
        "… and as varied as faces are",
        "real images that have one of them near (coverage); yes is from nine tenths of real "
        "images’",
        [],
        ("vae_faces", ["prior/coverage", "real_images/coverage"]),
        _beside_real,
        lambda share, floor: (share >= CONVINCING * floor,),
    ),
    Rule(
        "… and all together like real faces",
        "Fréchet distance of the classifier’s features from those of real images; yes is up to twice "
        "that of other real images",
        [],
        ("vae_faces", ["prior/frechet", "real_images/frechet"]),
        lambda distance, floor: f"{distance:.1f} (real: {floor:.1f})",
        lambda distance, floor: (distance <= ALIKE * floor,),
    ),
    Rule(
        "The dimensions of the faces’ space look like N(0, 1)",
        "dimensions with a tenth of their mass on the wrong side of some point (Kolmogorov "
        "distance); yes is up to one in twenty",
        [],
        ("vae_faces", ["unlike_prior", "latent_dim"]),
        _counted,
        lambda unlike, dimensions: (unlike <= UNLIKE * dimensions,),
    ),
    Rule(
        "An attribute vector changes its attribute",
        "attributes that an edit gives (takes) so that the classifier changes its mind on 90 % of the "
        "images, of those that it can classifier and at least 10 images lack (have), and with vectors "
        "made by chance; yes is from half given",
        [],
        (
            "vae_faces",
            [
                "edits/means/flipped_adds",
                "edits/tried_adds",
                "edits/means/flipped_removes",
                "edits/tried_removes",
                "edits/shuffled/flipped_adds",
                "edits/shuffled/flipped_removes",
            ],
        ),
        lambda given, of_given, taken, of_taken, *chance: (
            f"given: {_counted(given, of_given)}, taken: {_counted(taken, of_taken)} "
            f"(by chance: {chance[0]:.0f}, {chance[1]:.0f})"
        ),
        lambda given, total, *_: (given >= EDITED * total,) if total else (),
    ),
    Rule(
        "… and little else",
        "of the attributes given or taken, those of which such an edit keeps 80 % of what the "
        "classifier says of others, and what all edits keep; yes is from half, and more than vectors "
        "made by chance keep by two standard errors over the attributes",
        [],
        (
            "vae_faces",
            [
                "edits/means/selective",
                "edits/means/flipped",
                "edits/tried",
                "edits/means/keeps",
                "edits/shuffled/keeps",
                "edits/keeps_gain",
                "edits/keeps_gain_error",
            ],
        ),
        lambda held, flipped, _, keeps, chance, gain, error: (
            f"{_counted(held, flipped)}, {percent(keeps)} (by chance: {percent(chance)}; "
            f"gain: {percent(gain)} ± {percent(error)})"
        ),
        lambda held, flipped, tried, _, __, gain, error: (
            (held >= EDITED * flipped > 0 and gain > 2 * error,) if tried else ()
        ),
    ),
)
