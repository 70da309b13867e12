"""What a person reads of a run before opening it."""

from collections.abc import Mapping
from typing import Any

# What a stranger reads of an experiment before opening it.
EXPERIMENTS = {
    "ae_fashion": "Autoencoder with a 2-D latent space, on garments: figures 3-2 to 3-9.",
    "vae_fashion": "VAE with a 2-D latent space, on garments: figures 3-13 and 3-14.",
    "vae_faces": "VAE with a 200-D latent space, on faces: generation, attribute edits and morphs, "
    "figures 3-15 to 3-20.",
}

# The figures that stand for a model where there is room for few.
KEY_FIGURES = {
    "ae_fashion": ("3-07_embeddings_by_label.png", "3-08_generated.png"),
    "vae_fashion": ("3-13_embeddings_and_samples.png", "3-14_by_label_and_p_values.png"),
    "vae_faces": ("3-18_generated.png", "3-19_edit_Smiling.png"),
}


def run_name(provenance: Mapping[str, Any]) -> str:
    """Return a run's name: its data, and what people vary first.

    Args:
        provenance: what made the model (`latent.training.provenance.describe_provenance`).
    """
    params = {key.split(".")[-1]: value for key, value in provenance["parameters"].items()}
    words = [provenance["data"]["source"], f"{params['latent_dim']}-D"]
    if "reconstruction_weight" in params:
        words.append(f"weight {params['reconstruction_weight']:g}")
    return ", ".join([*words, f"{params['epochs']} epochs"])


def run_description(experiment: str, source: str) -> str:
    """Return a run's description, in Markdown: what it holds, and whether its data is real."""
    kind, dataset = experiment.split("_")
    model = {"ae": "Autoencoder", "vae": "Variational autoencoder"}[kind]
    data = (
        "**drawn sample data**: its numbers say nothing about real images"
        if source == "sample"
        else f"real data (`{source}`)"
    )
    return (
        f"{model} on {dataset}, trained on {data}.\n\n"
        "Losses of each epoch are under *Model metrics*, the chapter's figures under *Artifacts* "
        "in `figures/`, what was measured on held-out images in `evaluation/`. Encoder and decoder "
        f"are registered as `{experiment}_encoder` and `{experiment}_decoder`."
    )
