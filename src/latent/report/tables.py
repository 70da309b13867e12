"""Tables of the report: models, losses, embeddings, attribute vectors, layers and parameters."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean

from latent.params import TrainAE, TrainVAE
from latent.report.chapter import differences, format_value, run_values
from latent.report.collect import LayerTable, Model, Results
from latent.report.metrics import Metrics

LOSS_NAMES = {"bce": "binary cross-entropy", "mse": "squared error"}
MODEL_NAMES = {
    "ae_fashion": "Autoencoder, fashion images",
    "vae_fashion": "VAE, fashion images",
    "vae_faces": "VAE, faces",
}


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        title: the title.
        columns: the column heads.
        rows: the cells of each row; the first cell is the row head.
        numeric: number of columns, from the second on, that contain numbers.
        note: explanation below the table.
        code: whether the first column contains names from the code.
        sentences: whether cells contain sentences, which need wide columns.
        bars: length of the bar in the last cell of each row, from 0 to 1; empty for no bars.
    """

    title: str
    columns: list[str]
    rows: list[list[str]]
    numeric: int = 0
    note: str = ""
    code: bool = False
    sentences: bool = False
    bars: list[float] = field(default_factory=list)


def format_numbers(values: Iterable[float]) -> list[str]:
    """Return numbers as text with the same number of decimals, which the largest one determines."""
    numbers = list(values)
    largest = max((abs(number) for number in numbers), default=0.0)
    decimals = 4 if largest < 10 else max(0, 4 - math.floor(math.log10(largest)))
    return [f"{number:,.{decimals}f}".replace("-", "−") for number in numbers]


def overview(results: Results) -> Table:
    """Return a table with one row per model."""
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
    columns = [
        "model",
        "image size",
        "latent dimensions",
        "encoder parameters",
        "decoder parameters",
    ]
    return Table("Models", columns, rows, numeric=4)


def losses(model: Model, section: TrainAE) -> Table:
    """Return the losses of the last epoch, weighted as in training."""
    name = LOSS_NAMES[section.loss]
    if isinstance(section, TrainVAE):
        weight = f"{section.reconstruction_weight:,g}"
        terms = {
            "reconstruction_loss": f"{weight} × {name}, mean over the pixels",
            "kl_loss": "KL divergence in nats per image",
            "loss": "sum of the two",
        }
    else:
        unit = ", in nats" if section.loss == "bce" else ""
        terms = {"loss": f"{name}, mean over the pixels{unit}"}
    splits = ("train", "test")
    values = format_numbers(model.metrics[f"{split}/{term}"] for term in terms for split in splits)
    labels = {"reconstruction_loss": "reconstruction loss", "kl_loss": "KL loss", "loss": "loss"}
    rows = [
        [labels[term], *values[2 * row : 2 * row + 2], definition]
        for row, (term, definition) in enumerate(terms.items())
    ]
    return Table(
        f"Losses after {section.epochs} epochs",
        ["term", "training set", "test set", "definition"],
        rows,
        numeric=2,
        note="Training losses are means over the last epoch, during which the weights still "
        "change. Test losses are computed at the end of the epoch.",
    )


def parameter_counts(model: Model) -> Table:
    """Return the numbers of parameters of encoder and decoder."""
    rows = []
    for part in ("encoder", "decoder"):
        total = round(model.metrics[f"parameters/{part}"])
        fixed = round(model.metrics[f"parameters/{part}_not_trainable"])
        rows.append([part, f"{total:,}", f"{total - fixed:,}", f"{fixed:,}"])
    note = "The moving means and variances of batch normalisation are not trainable."
    return Table(
        "Number of parameters",
        ["part", "total", "trainable", "not trainable"],
        rows,
        numeric=3,
        note=note if any(row[-1] != "0" for row in rows) else "",
    )


def embeddings(model: Model) -> Table:
    """Return location and spread of the embeddings of the test images."""
    values = format_numbers(
        model.embedding[f"embedding/{key}"] for key in ("mean_norm", "std", "abs_max")
    )
    quantities = (
        ("distance from the origin", "of the mean embedding"),
        ("standard deviation", "of a coordinate: root of the mean variance of the dimensions"),
        ("largest coordinate", "absolute value, over all images and dimensions"),
    )
    note = (
        "According to the chapter, the latent space of a VAE is centred on the origin and bounded, "
        "and the latent space of an autoencoder is neither."
    )
    if "beta" in model.metrics:
        note += (
            " The embeddings here are the means z_mean of the images’ distributions. Points "
            "sampled from these distributions spread more widely. If the standard deviation is far "
            "below 1, most of their spread comes from the sampling noise."
        )
    rows = [[name, value, text] for (name, text), value in zip(quantities, values, strict=True)]
    columns = ["quantity", "value", "definition"]
    return Table("Embeddings of the test images", columns, rows, numeric=1, note=note)


def attributes(aucs: Metrics) -> Table:
    """Return the AUC of each attribute vector on the test images, in descending order."""
    ordered = sorted(aucs.items(), key=lambda item: (-item[1], item[0]))
    return Table(
        "AUC of the attribute vectors",
        ["attribute", "AUC"],
        [[name.replace("_", " "), f"{auc:.3f}"] for name, auc in ordered],
        numeric=1,
        note=f"Mean {fmean(aucs.values()):.3f}. AUC: area under the ROC curve when test images are "
        "ranked by z_mean · v, where v is the attribute vector. 1: all images with the attribute "
        "rank above all images without it. 0.5: random order.",
        bars=[min(1.0, max(0.0, 2 * auc - 1)) for _, auc in ordered],
    )


def layers(table: LayerTable) -> Table:
    """Return the layers of an encoder or a decoder, with output shapes and parameters."""
    rows = [
        [kind, shape, f"{int(count):,}" if count.isdecimal() else count, name]
        for kind, name, shape, count in table.rows
    ]
    return Table(
        f"{table.part.capitalize()}: {table.total}",
        ["layer", "output shape", "parameters", "name"],
        rows,
        numeric=2,
    )


def changed_parameters(results: Results) -> Table:
    """Return the parameters that differ from the chapter, with both values."""
    rows = [
        [
            difference.key,
            format_value(difference.chapter.value),
            format_value(difference.value),
            difference.chapter.source,
        ]
        for difference in differences(results.params)
    ]
    columns = ["parameter", "chapter", "this run", "source of the chapter’s value"]
    return Table("Parameters that differ from the chapter", columns, rows, code=True)


def all_parameters(results: Results) -> Table:
    """Return all parameters on which the results depend."""
    rows = [[key, format_value(value)] for key, value in run_values(results.params).items()]
    return Table("All parameters of this run", ["parameter", "value"], rows, code=True)
