"""The report's parts on the models, in the chapter's order."""

from dataclasses import dataclass

from latent.params import TrainAE, TrainVAE
from latent.report import evaluation, tables, words
from latent.report.collect import Model, Results, Shown
from latent.report.tables import Table


@dataclass(frozen=True)
class Section:
    """A model's part of the report.

    Attributes:
        anchor: its address within the page.
        title: the heading.
        paragraphs: what comes first.
        figures: in order.
        numbers: tables.
        weight: what the reconstruction's weight means; "" for an autoencoder.
        layers_title: which of the chapter's tables `layers` are.
        layers: tables of encoder and decoder, layer by layer.
    """

    anchor: str
    title: str
    paragraphs: list[str]
    figures: list[Shown]
    numbers: list[Table]
    weight: str
    layers_title: str
    layers: list[Table]


TITLES = {
    "ae_fashion": "An autoencoder of garments",
    "vae_fashion": "A variational autoencoder of garments",
    "vae_faces": "A variational autoencoder of faces",
}
INTRODUCTIONS = {
    "ae_fashion": "An encoder turns an image into a point of a small latent space, and a decoder "
    "turns the point back into the image. Such a space can be drawn, and new points in it "
    "decoded. The figures show what comes of that, and where it fails.",
    "vae_fashion": "The encoder now gives each image a normal distribution in place of a point, "
    "and a second term of the loss, the KL divergence, keeps these distributions close to the "
    "standard normal one. The figures ask whether that closes the holes.",
    "vae_faces": "The same model with colour and a larger latent space. It no longer fits on "
    "paper, but one can calculate in it: add a smile, or go from one face to another.",
}
LAYERS = {
    "ae_fashion": "tables 3-1 and 3-2",
    "vae_fashion": "tables 3-4 and 3-2",
    "vae_faces": "tables 3-5 and 3-6",
}
ON_A_PLANE = ("ae_fashion", "vae_fashion")  # whose figures are drawn in two dimensions


def model_section(model: Model, results: Results) -> Section:
    """Return a model's part of the report."""
    kind, _, name = model.name.partition("_")
    section: TrainAE = results.params[f"train_{kind}"][name]
    dataset = results.datasets[name]
    paragraphs = [INTRODUCTIONS[model.name], words.describe_training(section, dataset)]
    if model.name in ON_A_PLANE:
        paragraphs.append(words.describe_dimensions(section.latent_dim))
    if model.name == "vae_faces" and not model.attributes:
        paragraphs.append(words.NO_ATTRIBUTES)
    samples = evaluation.samples(model)
    if samples is None:
        paragraphs.append(evaluation.NO_CLASSIFIER)
    numbers = [
        tables.losses(model, section),
        evaluation.likelihood(model, section, results.params.evaluate),
        evaluation.denoising(model),
        tables.embeddings(model),
        evaluation.latent_space(model),
        samples,
        evaluation.edits(model),
        evaluation.reach(model),
        tables.attributes(model.attributes) if model.attributes else None,
        tables.sizes(model),
    ]
    return Section(
        anchor=model.name,
        title=TITLES[model.name],
        paragraphs=[paragraph for paragraph in paragraphs if paragraph],
        figures=model.figures,
        numbers=[table for table in numbers if table is not None],
        weight=words.describe_weight(section, dataset, model.metrics["beta"])
        if isinstance(section, TrainVAE)
        else "",
        layers_title=LAYERS[model.name],
        layers=[tables.layers(layers) for layers in model.layers],
    )
