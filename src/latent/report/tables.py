"""A run's numbers as tables of text, with units and what they mean."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from latent.params import TrainAE, TrainVAE
from latent.report.chapter import differences, run_values, setting
from latent.report.collect import Layers, Model, Results
from latent.report.numbers import Numbers

LOSS_NAMES = {"bce": "binary cross-entropy", "mse": "squared error"}
MODEL_NAMES = {
    "ae_fashion": "Autoencoder of garments",
    "vae_fashion": "VAE of garments",
    "vae_faces": "VAE of faces",
}


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        title: what it holds.
        columns: headings.
        numeric: how many of the columns, from the second on, hold numbers.
        rows: texts, the first of each names the row.
        note: what to know when reading it.
        code: whether the first column holds names from the code.
        sentences: whether cells hold sentences, which need room.
        bars: for each row, how long a bar to draw in its last cell, from 0 to 1.
    """

    title: str
    columns: list[str]
    rows: list[list[str]]
    numeric: int = 0
    note: str = ""
    code: bool = False
    sentences: bool = False
    bars: list[float] = field(default_factory=list)


def in_digits(values: Iterable[float]) -> list[str]:
    """Return numbers that stand below each other: as many decimals as the largest one deserves."""
    numbers = list(values)
    largest = max((abs(number) for number in numbers), default=0.0)
    decimals = 4 if largest < 10 else max(0, 4 - math.floor(math.log10(largest)))
    return [f"{number:,.{decimals}f}".replace("-", "−") for number in numbers]


def overview(results: Results) -> Table:
    """Return the models side by side."""
    rows = []
    for name, model in results.models.items():
        kind, _, dataset = name.partition("_")
        section: TrainAE = results.params[f"train_{kind}"][dataset]
        counts = [round(model.metrics[f"parameters/{part}"]) for part in ("encoder", "decoder")]
        rows.append(
            [
                MODEL_NAMES[name],
                "×".join(str(side) for side in results.datasets[dataset].shape),
                f"{section.latent_dim}",
                *(f"{count:,}" for count in counts),
            ]
        )
    heads = ["model", "image", "latent dimensions", "parameters, encoder", "decoder"]
    return Table(
        "The models at a glance",
        heads,
        rows,
        numeric=4,
    )


def losses(model: Model, section: TrainAE) -> Table:
    """Return the losses of the last epoch, as trained."""
    name = LOSS_NAMES[section.loss]
    if isinstance(section, TrainVAE):
        weight = f"{section.reconstruction_weight:,g}"
        terms = {
            "reconstruction_loss": f"{weight} × mean {name} of a value",
            "kl_loss": "KL divergence, nats per image",
            "loss": "their sum",
        }
    else:
        terms = {"loss": f"mean {name} of a value" + (", nats" if section.loss == "bce" else "")}
    splits = ("train", "test")
    values = in_digits(model.metrics[f"{split}/{term}"] for term in terms for split in splits)
    labels = {"reconstruction_loss": "reconstruction", "kl_loss": "KL", "loss": "loss"}
    rows = [
        [labels[term], *values[2 * row : 2 * row + 2], what]
        for row, (term, what) in enumerate(terms.items())
    ]
    return Table(
        f"Losses as trained, after {section.epochs} epochs",
        ["term", "training", "held out", "what it is"],
        rows,
        numeric=2,
        note="Training losses are means over the last epoch, while the model still changed; "
        "held-out ones were taken at its end.",
    )


def sizes(model: Model) -> Table:
    """Return how many parameters encoder and decoder have."""
    rows = []
    for part in ("encoder", "decoder"):
        total = round(model.metrics[f"parameters/{part}"])
        fixed = round(model.metrics[f"parameters/{part}_not_trainable"])
        rows.append([part, f"{total:,}", f"{total - fixed:,}", f"{fixed:,}"])
    note = "Those not trained are batch normalisation’s running means and variances."
    return Table(
        "Parameters",
        ["part", "parameters", "trained", "not trained"],
        rows,
        numeric=3,
        note=note if any(row[-1] != "0" for row in rows) else "",
    )


def embeddings(model: Model) -> Table:
    """Return where the held-out images lie in the latent space."""
    values = in_digits(
        model.embedding[f"embedding/{key}"] for key in ("mean_norm", "std", "abs_max")
    )
    meaning = (
        ("centre", "distance of the embeddings’ mean from the origin"),
        ("standard deviation", "along a dimension, over the images"),
        ("reach", "largest coordinate, without its sign"),
    )
    note = (
        "The chapter’s claim is that a VAE’s space is centred and bounded, and an autoencoder’s "
        "neither."
    )
    if "beta" in model.metrics:
        note += (
            " These are the means of the images’ distributions: the points drawn from them spread "
            "wider, by their variances. A deviation far below 1 says that most of the spread is "
            "noise."
        )
    rows = [[name, value, what] for (name, what), value in zip(meaning, values, strict=True)]
    return Table(
        "Embeddings of held-out images", ["quantity", "value", "what it is"], rows, 1, note
    )


def attributes(aucs: Numbers) -> Table:
    """Return how well each attribute's direction tells held-out images apart, the best first."""
    ordered = sorted(
        ((name, auc) for name, auc in aucs.items() if name != "mean"),
        key=lambda item: (-item[1], item[0]),
    )
    return Table(
        "Attributes by how well their direction finds them",
        ["attribute", "AUC"],
        [[name.replace("_", " "), f"{auc:.3f}"] for name, auc in ordered],
        numeric=1,
        note=(f"Mean {aucs['mean']:.3f}. " if "mean" in aucs else "")
        + "Held-out faces in the order of z_mean · v: 1 puts all with the attribute before all "
        "without it, 0.5 is chance.",
        bars=[min(1.0, max(0.0, 2 * auc - 1)) for _, auc in ordered],
    )


def layers(summary: Layers) -> Table:
    """Return the layers of an encoder or a decoder, with their shapes and parameters."""
    rows = [
        [kind, shape, f"{int(count):,}" if count.isdecimal() else count, name]
        for kind, name, shape, count in summary.rows
    ]
    return Table(
        f"{summary.part.capitalize()}: {summary.total}",
        ["layer", "output shape", "parameters", "name"],
        rows,
        numeric=2,
    )


def unlike_chapter(results: Results) -> Table:
    """Return the parameters that differ from the chapter's, with both values."""
    rows = [
        [found.key, setting(found.specified.value), setting(found.here), found.specified.where]
        for found in differences(results.params)
    ]
    heads = ["parameter", "chapter", "this run", "where the chapter says so"]
    return Table("Where this run departs from the chapter", heads, rows, code=True)


def every_parameter(results: Results) -> Table:
    """Return all parameters that a result depends on."""
    rows = [[key, setting(value)] for key, value in run_values(results.params).items()]
    return Table("All parameters of this run", ["parameter", "value"], rows, code=True)
