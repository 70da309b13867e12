"""The report's sections on the models, in the chapter's order."""

from dataclasses import dataclass

from latent.params import TrainAE, TrainVAE
from latent.report import descriptions, evaluation, tables
from latent.report.collect import Figure, Model, Results
from latent.report.tables import Table


@dataclass(frozen=True)
class Section:
    """The section of the report on one model.

    Attributes:
        anchor: the HTML id of the section.
        title: the heading.
        paragraphs: text at the start of the section.
        figures: figures in the order of the report.
        metrics: tables of metrics.
        weight: text on the weight of the reconstruction loss; "" for an autoencoder.
        chapter_tables: the chapter's tables that correspond to `layers`.
        layers: tables of the layers of encoder and decoder.
    """

    anchor: str
    title: str
    paragraphs: list[str]
    figures: list[Figure]
    metrics: list[Table]
    weight: str
    chapter_tables: str
    layers: list[Table]


TITLES = {
    "ae_fashion": "Autoencoder for fashion images",
    "vae_fashion": "Variational autoencoder for fashion images",
    "vae_faces": "Variational autoencoder for faces",
}
INTRODUCTIONS = {
    "ae_fashion": "The encoder maps an image to a point in a small latent space, its embedding. "
    "The decoder maps the point back to an image. A latent space of two dimensions can be plotted, "
    "and any other point of it can be decoded to generate a new image. The figures show how well "
    "this works, and where it fails.",
    "vae_fashion": "The encoder of a variational autoencoder (VAE) maps an image to a normal "
    "distribution instead of a point. The loss has a second term, the KL divergence, which keeps "
    "these distributions close to the standard normal distribution. The figures show whether this "
    "closes the holes of the latent space, that is, the regions without embeddings.",
    "vae_faces": "This model is a VAE for colour images with a larger latent space. The latent "
    "space can no longer be plotted, but it allows arithmetic: adding an attribute vector to the "
    "embedding of a face makes the face smile, for example, and interpolating between two "
    "embeddings turns one face into another.",
}
CHAPTER_TABLES = {
    "ae_fashion": "tables 3-1 and 3-2",
    "vae_fashion": "tables 3-4 and 3-2",
    "vae_faces": "tables 3-5 and 3-6",
}
PLOTTED_IN_2D = ("ae_fashion", "vae_fashion")


def model_section(model: Model, results: Results) -> Section:
    """Return the section of the report on a model."""
    kind, _, name = model.name.partition("_")
    section: TrainAE = results.params[f"train_{kind}"][name]
    dataset = results.datasets[name]
    paragraphs = [INTRODUCTIONS[model.name], descriptions.describe_training(section, dataset)]
    if model.name in PLOTTED_IN_2D:
        paragraphs.append(descriptions.describe_dimensions(section.latent_dim))
    if model.name == "vae_faces" and not model.attributes:
        paragraphs.append(descriptions.NO_ATTRIBUTES)
    samples = evaluation.samples(model)
    if samples is None:
        paragraphs.append(evaluation.NO_CLASSIFIER)
    metrics = [
        tables.losses(model, section),
        evaluation.likelihood(model, section, results.params.evaluate),
        evaluation.denoising(model),
        tables.embeddings(model),
        evaluation.latent_space(model),
        samples,
        evaluation.edits(model),
        evaluation.smallest_alphas(model),
        tables.attributes(model.attributes) if model.attributes else None,
        tables.parameter_counts(model),
    ]
    return Section(
        anchor=model.name,
        title=TITLES[model.name],
        paragraphs=[paragraph for paragraph in paragraphs if paragraph],
        figures=model.figures,
        metrics=[table for table in metrics if table is not None],
        weight=descriptions.describe_weight(section, dataset, model.metrics["beta"])
        if isinstance(section, TrainVAE)
        else "",
        chapter_tables=CHAPTER_TABLES[model.name],
        layers=[tables.layers(layers) for layers in model.layers],
    )
