"""What was measured on held-out images as tables of text, with units and what they mean."""

import math

from latent.params import Evaluate, TrainAE, TrainVAE
from latent.report.claims import HEADS, check_claims, percent
from latent.report.collect import Model, Results
from latent.report.numbers import Numbers
from latent.report.tables import Table, in_digits

PLACES = {
    "box": "points of the embeddings’ bounding box",
    "prior": "points of N(0, I)",
    "gaussian": "points of the normal distribution fitted to the embeddings",
    "mixture": "points of a Gaussian mixture fitted to the embeddings",
    "reconstructions": "test images, encoded and decoded",
    "real_images": "training images: what real images get",
}
VECTORS = {
    "means": "differences of means, as in the chapter",
    "orthogonal": "the nearest ones that are orthogonal to each other",
    "shuffled": "of attributes dealt out by chance: what any edit does",
}
NAMED = 20  # dimensions that are named, at most
NO_CLASSIFIER = (
    "Decoded images of this model are not compared with real ones: the images are too few, or have "
    "neither two classes nor an attribute that some have and others lack, so that no classifier could "
    "learn to see them."
)


def claims(results: Results) -> Table:
    """Return the chapter's claims, what was measured, and whether they hold."""
    found = check_claims({name: model.evaluation for name, model in results.models.items()})
    return Table(
        "What the chapter claims, in numbers",
        list(HEADS),
        [claim.row for claim in found],
        sentences=True,
        note="Measured on held-out images. A claim that does not hold says something of these "
        "images, of so short a training, or of the claim.",
    )


def likelihood(model: Model, section: TrainAE, params: Evaluate) -> Table:
    """Return the likelihood of held-out images, which compares across weights."""
    means = {"bce": "Bernoulli variables", "mse": "Gaussian variables of variance 1"}[section.loss]
    rows = {"reconstruction": ("−log p(x | z)", f"reconstruction; pixels as {means}")}
    if isinstance(section, TrainVAE):
        beta = f"{model.evaluation['evaluate/beta']:.4g}"
        draws = f"{params.importance_images:,} images"
        rows |= {
            "kl": ("KL", "of the images’ distributions from N(0, I)"),
            "elbo": ("ELBO", "minus their sum; more is better"),
            "elbo_weighted": (
                "ELBO, weighted as trained",
                f"the same with {beta} times the KL: what training made large, in other units",
            ),
            "importance": (
                f"bound of {params.importance_samples:,} samples",
                f"importance-weighted (Burda et al. 2016), closer to log p(x); of {draws}",
            ),
            "importance_elbo": (
                "ELBO of these",
                f"the mean of its draws, of the same {draws}",
            ),
        }
    # Of a model that was trained by it, the binary cross-entropy is the reconstruction.
    if section.loss != "bce":
        rows["bce"] = ("binary cross-entropy", "of the reconstructions")
    rows["bce_floor"] = (
        "binary cross-entropy’s floor",
        "the entropy of the images’ own values: no model gets below",
    )
    nats = in_digits(model.evaluation[f"evaluate/{key}_nats"] for key in rows)
    bits = in_digits(model.evaluation[f"evaluate/{key}_bits"] for key in rows)
    note = "Whatever the weight in training, these count each term once, but where it says so."
    if section.loss == "bce":
        note += " Grey values are no outcomes of Bernoulli variables: it is a pseudo-likelihood."
    else:
        note += " Densities of values from 0 to 1: of 8-bit values, 8 bits more per value."
    return Table(
        "Likelihood of held-out images",
        ["quantity", "nats per image", "bits per value", "how"],
        [[name, *pair, how] for (name, how), *pair in zip(rows.values(), nats, bits, strict=True)],
        numeric=2,
        note=note,
    )


def latent_space(model: Model) -> Table:
    """Return how the latent space compares with N(0, I), and its holes."""
    numbers = {key.removeprefix("evaluate/"): value for key, value in model.evaluation.items()}
    total = f"of {numbers['latent_dim']:,.0f}"
    rows = [
        [
            "active dimensions",
            f"{numbers['active_units']:,.0f} {total}",
            "whose z_mean varies by more than 0.01 (Burda et al. 2016)",
        ],
        [
            "unlike N(0, 1)",
            f"{numbers['unlike_prior']:,.0f} {total}",
            "dimensions with more than a tenth of their mass on the wrong side of some point"
            + _numbered(model.unlike_prior),
        ],
        [
            "largest distance from N(0, 1)",
            f"{numbers['kolmogorov_max']:.3f}",
            "Kolmogorov’s, of a dimension: from 0 to 1",
        ],
        ["largest mean", f"{numbers['mean_abs_max']:.3f}", "of a dimension, without its sign"],
        [
            "standard deviation",
            f"{numbers['std_min']:.3f} to {numbers['std_max']:.3f}",
            "smallest and largest of a dimension",
        ],
    ]
    for key, title in (("holes", "in holes"), ("class_imbalance", "to change class")):
        rows += [
            [title, percent(numbers[f"{key}/{place}"]), f"of {PLACES[place]}"]
            for place in ("prior", "box", "gaussian")
            if f"{key}/{place}" in numbers
        ]
    note = ""
    if "holes/radius" in numbers:
        note = (
            f"In a hole is what is farther than {numbers['holes/radius']:.3g} from any embedding: "
            "99 % of them have another one that near. In a space without holes it is 1 %. "
            "To change class is what would have to, for each class to have the share that it has "
            "of the images, if a point is of its nearest embedding’s class."
        )
    return Table(
        "The latent space of held-out images",
        ["quantity", "value", "what it is"],
        rows,
        numeric=1,
        note=note,
    )


def samples(model: Model) -> Table | None:
    """Return how decoded points compare with real images; None where nothing was compared."""
    numbers = model.evaluation
    measures = ("frechet", "precision", "recall", "density", "coverage", "malformed")
    kinds = [kind for kind in PLACES if f"evaluate/{kind}/frechet" in numbers]
    if not kinds:
        return None
    accuracy = numbers["evaluate/classifier/accuracy"]
    count = numbers["evaluate/compared"]
    return Table(
        "Decoded images beside real ones",
        ["decoded from", "Fréchet", "precision", "recall", "density", "coverage", "malformed"],
        [
            [PLACES[kind], *(f"{numbers[f'evaluate/{kind}/{name}']:.3f}" for name in measures)]
            for kind in kinds
        ],
        numeric=len(measures),
        note=f"{count:,.0f} of each beside as many test images, in the features of a classifier that "
        f"was trained on the real training images and finds {percent(accuracy)} of what is true "
        "of test images. Fréchet is better small; precision (samples where real images are), "
        "recall (the reverse), density and coverage are better large; malformed is 1 − precision. "
        "The classifier learnt from images of which half were blurred, to be able to classifier decoded "
        "ones: it overlooks blur, the main defect of a VAE, so precision says little about it. "
        "No number here compares with an FID, whose features are Inception’s.",
    )


def edits(model: Model) -> Table | None:
    """Return what edits of attributes do; None where no attribute could be judged."""
    numbers = {
        key.removeprefix("evaluate/edits/"): value for key, value in model.evaluation.items()
    }
    kinds = [kind for kind in VECTORS if f"{kind}/flipped" in numbers]
    if not kinds:
        return None
    tried = f"of {numbers['tried']:.0f}"
    return Table(
        "Edits of attributes, by the classifier’s eyes",
        ["vectors", "flipped", "and little else", "others that stay", "pixels move"],
        [
            [
                VECTORS[kind],
                f"{numbers[f'{kind}/flipped']:.0f} {tried}",
                f"{numbers[f'{kind}/selective']:.0f} {tried}",
                # No other attribute, or no image to edit.
                percent(numbers[f"{kind}/keeps"]) if f"{kind}/keeps" in numbers else "–",
                f"{numbers[f'{kind}/moves']:.3f}" if f"{kind}/moves" in numbers else "–",
            ]
            for kind in kinds
        ],
        numeric=4,
        note=f"{numbers['recognized']:.0f} of {numbers['attributes']:.0f} attributes can be judged in "
        f"what the model decodes, and {numbers['tried']:.0f} have at least 10 images to be given "
        "to or taken from. Flipped: some α makes the classifier change its mind on 90 % of the "
        "images; and little else: it also keeps 80 % of what the classifier says of other attributes. "
        "The last two are means over all α: of what the classifier says of other attributes, and the "
        "root mean square of what pixels change, from 0 to 1.",
    )


def reach(model: Model) -> Table | None:
    """Return how far each attribute's edits must go; None where no attribute could be judged."""
    if not model.reach:
        return None
    return Table(
        "How far an edit must go",
        ["attribute", "α when given", "α when taken"],
        [
            [attribute.replace("_", " "), *(_alpha(alphas.get(way)) for way in ("adds", "removes"))]
            for attribute, alphas in model.reach.items()
        ],
        numeric=2,
        note="The shortest α of those tried that makes the classifier change its mind on 90 % of the "
        "images, along the chapter’s vectors; “–” where fewer than 10 images lack or have it.",
    )


def denoising(model: Model) -> Table | None:
    """Return how much noise the autoencoder takes off; None where it was not trained to."""
    numbers: Numbers = model.evaluation
    if "evaluate/psnr_noisy" not in numbers:
        return None
    rows = {
        "noisy": "test images with the noise of the training",
        "denoised": "what the autoencoder makes of these",
        "reconstructed": "what it makes of test images without noise",
    }
    return Table(
        "Noise, and what is left of it",
        ["images", "PSNR, dB", "what they are"],
        [[name, f"{numbers[f'evaluate/psnr_{name}']:.2f}", what] for name, what in rows.items()],
        numeric=1,
        note="Peak signal-to-noise ratio against the clean images; more is better.",
    )


def _numbered(dimensions: list[str]) -> str:
    if not dimensions:
        return ""
    more = len(dimensions) - NAMED
    return f": number {', '.join(dimensions[:NAMED])}" + (f" and {more} more" if more > 0 else "")


def _alpha(alpha: float | None) -> str:
    if alpha is None:
        return "–"
    return "never" if math.isinf(alpha) else f"{alpha:g}".replace("-", "−")
