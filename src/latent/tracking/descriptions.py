"""Names and descriptions of experiments and runs, as MLflow's pages show them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

# Figures are numbered as in chapter 3 of D. Foster, Generative Deep Learning, 2nd ed.
EXPERIMENTS = {
    "ae_fashion": "Autoencoder with a 2-D latent space, trained on Fashion-MNIST. "
    "Figures 3-2 to 3-4 and 3-6 to 3-9 of D. Foster, *Generative Deep Learning* (2nd ed.), "
    "chapter 3.",
    "vae_fashion": "Variational autoencoder with a 2-D latent space, trained on Fashion-MNIST. "
    "Figures 3-10, 3-13 and 3-14 of D. Foster, *Generative Deep Learning* (2nd ed.), chapter 3.",
    "vae_faces": "Variational autoencoder with a 200-D latent space, trained on faces: generated "
    "images, attribute edits and morphs. "
    "Figures 3-12 and 3-15 to 3-20 of D. Foster, *Generative Deep Learning* (2nd ed.), chapter 3.",
}

# The figures that are shown in the descriptions of a run and of its registered models.
KEY_FIGURES = {
    "ae_fashion": ("3-07_embeddings_by_label.png", "3-08_generated.png"),
    "vae_fashion": ("3-13_embeddings_and_samples.png", "3-14_by_label_and_p_values.png"),
    "vae_faces": ("3-18_generated.png", "3-19_edit_Smiling.png"),
}
# The first paragraph of `run_description`, and `model_description`.
GENERATED = re.compile(
    r"(Autoencoder|Variational autoencoder), trained on the dataset `|Input: `(images|z)`, "
)


def run_name(provenance: Mapping[str, Any]) -> str:
    """Return a run's name: its data source and its most important hyperparameters.

    Args:
        provenance: see `latent.training.provenance.describe_provenance`.
    """
    params = {key.split(".")[-1]: value for key, value in provenance["parameters"].items()}
    words = [provenance["data"]["source"], f"{params['latent_dim']}-D"]
    if "reconstruction_weight" in params:
        words.append(f"weight {params['reconstruction_weight']:g}")
    return ", ".join([*words, f"{params['epochs']} epochs"])


def run_description(experiment: str, source: str) -> str:
    """Return a run's description in Markdown: model, data, and where its results are in MLflow."""
    kind, dataset = experiment.split("_")
    model = {"ae": "Autoencoder", "vae": "Variational autoencoder"}[kind]
    data = (
        "**synthetic sample data**: the metrics do not apply to real images"
        if source == "sample"
        else f"real images (source: `{source}`)"
    )
    return (
        f"{model}, trained on the dataset `{dataset}` of {data}.\n\n"
        "In the run, *Model metrics* shows the losses of each epoch. *Artifacts* contains the "
        "figures in `figures/`, and the evaluation on the test images in `evaluation/`. Encoder "
        f"and decoder are registered as `{experiment}_encoder` and `{experiment}_decoder`."
    )


def model_description(part: str, inputs: tuple[int, ...], outputs: Sequence[Any]) -> str:
    """Return the description of a registered model: its inputs and outputs.

    Args:
        part: "encoder" or "decoder".
        inputs: shape of an image or a point.
        outputs: shape of the decoder's output, or shapes of the encoder's outputs, with the batch
            dimension.
    """
    if part == "decoder":
        return (
            f"Input: `z`, float32 {_shape(inputs)}, points of the latent space. Output: `images`, "
            f"uint8 {_shape(outputs[1:])}, from 0 (black) to 255 (white)."
        )
    images = f"Input: `images`, uint8 {_shape(inputs)}, from 0 (black) to 255 (white). Output: "
    if isinstance(outputs[0], tuple):
        latent = _shape(outputs[0][1:])
        return (
            f"{images}`z_mean` and `z_log_var`, each float32 {latent}, the mean and the logarithm "
            "of the variance of each image's distribution in the latent space."
        )
    latent = _shape(outputs[1:])
    return f"{images}`z_mean`, float32 {latent}, the point of each image in the latent space."


def _shape(shape: Sequence[int]) -> str:
    return f"({', '.join(map(str, ('N', *shape)))})"
