"""The chapter's claims, the metrics that test them, and whether they hold.

Each claim has a rule that decides from metrics whether the claim holds. The metrics are those of
the stages `evaluate` and `evaluate_edits`. If a metric is missing, for example because there is no
classifier, the claim is "not measured".

Source of the claims: D. Foster, Generative Deep Learning, 2nd ed., O'Reilly 2023, chapter 3.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Metrics = Mapping[str, float]

AUTOENCODER = "ae_fashion"
COLUMNS = ("claim of the chapter", "measure", "autoencoder", "VAE", "holds?")

MAX_HOLES = 0.05  # share of sampled points; 0.01 is expected without holes
MAX_IMBALANCE = 0.1  # total variation distance between class shares
MAX_MEAN = 0.25  # absolute; figure 3-17 highlights larger means
STD_RANGE = (0.75, 1.25)  # figure 3-17 highlights standard deviations outside this range
MAX_UNLIKE_PRIOR = 0.05  # share of the latent dimensions
MIN_OF_REAL = 0.9  # times the precision or coverage of real images
MAX_OF_REAL = 2.0  # times the Fréchet distance of real images
MIN_EDITED = 0.5  # share of the tested attributes, and of the changed ones


@dataclass(frozen=True)
class Claim:
    """A row of the table of claims.

    Attributes:
        claim: the claim.
        measure: what is measured, and for which values the claim holds.
        autoencoder: the autoencoder's values as text; "–" if a value is missing or if the claim is
            not about autoencoders.
        vae: the VAE's values as text; "–" if a value is missing.
        holds: whether the claim holds. Two values, for the autoencoder and for the VAE, if the
            claim is about both; empty if a value is missing.
    """

    claim: str
    measure: str
    autoencoder: str
    vae: str
    holds: tuple[bool, ...]

    @property
    def verdict(self) -> str:
        """Whether the claim holds, in words."""
        match self.holds:
            case ():
                return "not measured"
            case (True, False):
                return "autoencoder only"
            case (False, True):
                return "VAE only"
            case _:
                return "yes" if self.holds[0] else "no"

    @property
    def row(self) -> list[str]:
        """The cells of the row, in the order of `COLUMNS`."""
        return [self.claim, self.measure, self.autoencoder, self.vae, self.verdict]


class Rule(NamedTuple):
    """A claim, and how metrics decide whether it holds.

    Attributes:
        claim: the claim.
        measure: what is measured, and for which values the claim holds.
        autoencoder: keys of the autoencoder's metrics; empty if the claim is not about it.
        vae: name of the VAE, and keys of its metrics.
        format: returns the text for the values of one model.
        holds: called with the values of the autoencoder, then of the VAE; see `Claim.holds`.
    """

    claim: str
    measure: str
    autoencoder: Sequence[str]
    vae: tuple[str, Sequence[str]]
    format: Callable[..., str]
    holds: Callable[..., tuple[bool, ...]]

    def check(self, metrics: Mapping[str, Metrics]) -> Claim:
        """Return the row of the table, given the metrics of each model by its name."""
        model, keys = self.vae
        ae_values = _find(metrics.get(AUTOENCODER, {}), self.autoencoder)
        vae_values = _find(metrics.get(model, {}), keys)
        holds: tuple[bool, ...] = ()
        if ae_values is not None and vae_values is not None:
            holds = self.holds(*ae_values, *vae_values)
        return Claim(
            self.claim,
            self.measure,
            self.format(*ae_values) if ae_values else "–",
            self.format(*vae_values) if vae_values else "–",
            holds,
        )


def check_claims(metrics: Mapping[str, Metrics]) -> list[Claim]:
    """Return the claims, in the chapter's order.

    Args:
        metrics: metrics of each model by its name: the content of `<model>_evaluation.json`, and
            for faces also of `<model>_edits.json`.
    """
    return [rule.check(metrics) for rule in RULES]


def as_markdown(claims: Sequence[Claim]) -> str:
    """Return the table of claims in Markdown."""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(claim.row for claim in claims)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _find(metrics: Metrics, keys: Sequence[str]) -> list[float] | None:
    """Return the values of `keys`; None if one is missing."""
    values = [metrics[f"evaluate/{key}"] for key in keys if f"evaluate/{key}" in metrics]
    return values if len(values) == len(keys) else None


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal and a true minus sign."""
    return f"{100 * share:.1f} %".replace("-", "−")


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _with_real(share: float, real: float) -> str:
    return f"{percent(share)} (real: {percent(real)})"


def _count(part: float, total: float) -> str:
    return f"{part:.0f} of {total:.0f}"


def _is_less(share: float, other: float, count: float) -> bool:
    """Return whether a share of `count` is less than another by more than two standard errors."""
    variance = (share * (1 - share) + other * (1 - other)) / count
    return other - share > 2 * math.sqrt(variance)


def _is_wide_as_prior(low: float, high: float) -> bool:
    return STD_RANGE[0] <= low and high <= STD_RANGE[1]


RULES = (
    Rule(
        "A VAE’s latent space is centred on the origin, an autoencoder’s is not",
        "Largest absolute mean of a dimension. Centred: at most 0.25.",
        ["mean_abs_max"],
        ("vae_fashion", ["mean_abs_max"]),
        _number,
        lambda ae, vae: (ae > MAX_MEAN, vae <= MAX_MEAN),
    ),
    Rule(
        "A VAE’s latent space is as wide as the prior, an autoencoder’s is not",
        "Smallest and largest standard deviation of a dimension. As wide as the prior: both from "
        "0.75 to 1.25.",
        ["std_min", "std_max"],
        ("vae_fashion", ["std_min", "std_max"]),
        lambda low, high: f"{_number(low)} to {_number(high)}",
        lambda low, high, vae_low, vae_high: (
            not _is_wide_as_prior(low, high),
            _is_wide_as_prior(vae_low, vae_high),
        ),
    ),
    Rule(
        "An autoencoder’s latent space has holes, a VAE’s has none",
        "Share of sampled points in holes, that is, farther from every embedding than 99 % of the "
        "embeddings are from their nearest neighbour (autoencoder: sampled from the bounding box, "
        "and from a normal distribution fitted to the embeddings; VAE: from the prior). Without "
        "holes, 1 % is expected. No holes: at most 5 %. The autoencoder has holes if both shares "
        "are larger.",
        ["holes/box", "holes/gaussian"],
        ("vae_fashion", ["holes/prior"]),
        lambda *shares: ", ".join(percent(share) for share in shares),
        lambda box, gaussian, vae: (min(box, gaussian) > MAX_HOLES, vae <= MAX_HOLES),
    ),
    Rule(
        "An autoencoder’s classes occupy unequal areas, a VAE favours no class",
        "Class imbalance of sampled points (autoencoder: from the bounding box; VAE: from the "
        "prior): share of the points that would have to change class for each class to have the "
        "same share as among the images. Equal: at most 10 %.",
        ["class_imbalance/box"],
        ("vae_fashion", ["class_imbalance/prior"]),
        percent,
        lambda ae, vae: (ae > MAX_IMBALANCE, vae <= MAX_IMBALANCE),
    ),
    Rule(
        "A VAE generates fewer malformed images than an autoencoder",
        "Share of generated images that are unlike all real images in the feature space of a "
        "classifier (1 − precision). Fewer: the autoencoder’s share exceeds the VAE’s share, and "
        "the share of real images, by more than two standard errors.",
        ["box/malformed", "real_images/malformed", "compared"],
        ("vae_fashion", ["prior/malformed", "real_images/malformed", "compared"]),
        lambda share, real, _: _with_real(share, real),
        lambda ae, real, count, vae, *_: (_is_less(vae, ae, count) and _is_less(real, ae, count),),
    ),
    Rule(
        "Faces generated from N(0, I) are convincing",
        "Share of generated faces that are similar to real faces in the feature space of the "
        "classifier (precision). Convincing: at least 90 % of the value of real faces.",
        [],
        ("vae_faces", ["prior/precision", "real_images/precision"]),
        _with_real,
        lambda share, real: (share >= MIN_OF_REAL * real,),
    ),
    Rule(
        "Generated faces are as varied as real faces",
        "Share of real faces that have a similar generated face (coverage). As varied: at least "
        "90 % of the value of real faces.",
        [],
        ("vae_faces", ["prior/coverage", "real_images/coverage"]),
        _with_real,
        lambda share, real: (share >= MIN_OF_REAL * real,),
    ),
    Rule(
        "Generated faces have the same distribution as real faces",
        "Fréchet distance between the classifier’s features of generated and of real faces. Same: "
        "at most twice the value of real faces.",
        [],
        ("vae_faces", ["prior/frechet", "real_images/frechet"]),
        lambda distance, real: f"{distance:.1f} (real: {real:.1f})",
        lambda distance, real: (distance <= MAX_OF_REAL * real,),
    ),
    Rule(
        "The latent dimensions of the faces VAE follow N(0, 1)",
        "Number of dimensions whose cumulative distribution function differs from that of N(0, 1) "
        "by more than 0.1 at some point (Kolmogorov distance). Yes: at most 5 % of the dimensions.",
        [],
        ("vae_faces", ["unlike_prior", "latent_dim"]),
        _count,
        lambda unlike, dimensions: (unlike <= MAX_UNLIKE_PRIOR * dimensions,),
    ),
    Rule(
        "An edit along an attribute vector changes the attribute",
        "Number of attributes that an edit can add, and number that an edit can remove: for some "
        "α, the classifier’s decision changes on at least 90 % of the images. Tested are "
        "attributes that the classifier recognizes in reconstructions, with at least 10 images to "
        "edit. Random baseline: attribute vectors of randomly permuted attributes. Yes: at least "
        "half of the attributes can be added.",
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
        lambda added, add_total, removed, remove_total, *baseline: (
            f"added: {_count(added, add_total)}, removed: {_count(removed, remove_total)} "
            f"(random baseline: {baseline[0]:.0f}, {baseline[1]:.0f})"
        ),
        lambda added, total, *_: (added >= MIN_EDITED * total,) if total else (),
    ),
    Rule(
        "An edit along an attribute vector changes little else",
        "Of the attributes that an edit can add or remove: the number for which the smallest α "
        "that does so keeps at least 80 % of the classifier’s decisions on other attributes. Then "
        "the mean share of these decisions that all edits keep. Yes: at least half of the "
        "attributes, and a mean above the random baseline by more than two standard errors (over "
        "the attributes).",
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
        lambda selective, flipped, _, keeps, baseline, gain, error: (
            f"{_count(selective, flipped)}, {percent(keeps)} (random baseline: "
            f"{percent(baseline)}; difference: {percent(gain)} ± {percent(error)})"
        ),
        lambda selective, flipped, tried, _, __, gain, error: (
            (selective >= MIN_EDITED * flipped > 0 and gain > 2 * error,) if tried else ()
        ),
    ),
)
