"""What the chapter specifies, and how a run's parameters differ from it.

Source: D. Foster, Generative Deep Learning, 2nd ed., O'Reilly 2023, chapter 3; "notebook" is its
code, given where the text says nothing.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from latent.params import Params

# Every section of params.yaml that an out depends on.
SECTIONS = (
    "runtime",
    "download",
    "preprocess",
    "train_ae",
    "train_vae",
    "train_classifier",
    "embed",
    "evaluate",
    "evaluate_edits",
    "figures",
)


@dataclass(frozen=True)
class Specified:
    """A value that the chapter gives.

    Attributes:
        value: of the parameter.
        where: the example, table or figure that gives it.
    """

    value: Any
    where: str


CHAPTER = {
    "download.fashion.source": Specified("fashion_mnist", "example 3-1"),
    "download.faces.source": Specified("kaggle", "example 3-14"),
    "download.faces.dataset": Specified("jessicali9530/celeba-dataset", "example 3-14"),
    "preprocess.fashion.padding": Specified(2, "example 3-2"),
    "preprocess.faces.image_size": Specified(32, "tables 3-5 and 3-6; example 3-15 has 64"),
    "preprocess.faces.fit": Specified("stretch", "example 3-15"),
    "train_ae.fashion.filters": Specified([32, 64, 128], "table 3-1"),
    "train_ae.fashion.block": Specified(["conv", "relu"], "table 3-1"),
    "train_ae.fashion.dense_block": Specified([], "table 3-2"),
    "train_ae.fashion.output": Specified("conv", "table 3-2"),
    "train_ae.fashion.latent_dim": Specified(2, "table 3-1"),
    "train_ae.fashion.precision": Specified("float32", "Keras' default"),
    "train_ae.fashion.loss": Specified("bce", "example 3-8"),
    "train_ae.fashion.noise_std": Specified(0.0, "example 3-9; the text names denoising"),
    "train_ae.fashion.learning_rate": Specified(0.001, "example 3-8, Keras’ default"),
    "train_ae.fashion.batch_size": Specified(100, "example 3-9"),
    "train_ae.fashion.epochs": Specified(5, "example 3-9; notebook 3"),
    "train_vae.fashion.filters": Specified([32, 64, 128], "table 3-4"),
    "train_vae.fashion.block": Specified(["conv", "relu"], "table 3-4"),
    "train_vae.fashion.dense_block": Specified([], "table 3-2"),
    "train_vae.fashion.output": Specified("conv", "table 3-2"),
    "train_vae.fashion.latent_dim": Specified(2, "table 3-4"),
    "train_vae.fashion.precision": Specified("float32", "Keras' default"),
    "train_vae.fashion.loss": Specified("bce", "example 3-13"),
    "train_vae.fashion.reconstruction_weight": Specified(500.0, "example 3-13"),
    "train_vae.fashion.learning_rate": Specified(
        0.001, "Keras’ default, the text names none; notebook 0.0005"
    ),
    "train_vae.fashion.batch_size": Specified(100, "text"),
    "train_vae.fashion.epochs": Specified(5, "text"),
    "train_vae.faces.filters": Specified([128, 128, 128, 128], "table 3-5"),
    "train_vae.faces.block": Specified(["conv", "batch_norm", "leaky_relu"], "table 3-5"),
    "train_vae.faces.dense_block": Specified(["batch_norm", "leaky_relu"], "table 3-6"),
    "train_vae.faces.output": Specified("conv_transpose", "table 3-6"),
    "train_vae.faces.latent_dim": Specified(200, "table 3-5"),
    "train_vae.faces.precision": Specified("float32", "Keras' default"),
    "train_vae.faces.loss": Specified("mse", "notebook"),
    "train_vae.faces.reconstruction_weight": Specified(2000.0, "notebook"),
    "train_vae.faces.learning_rate": Specified(0.0005, "notebook"),
    "train_vae.faces.batch_size": Specified(128, "example 3-15"),
    "train_vae.faces.epochs": Specified(5, "text, “around five”; notebook 10"),
    "train_vae.faces.samples": Specified(10, "notebook"),
    "evaluate_edits.factors": Specified([-4, -3, -2, -1, 0, 1, 2, 3, 4], "notebook"),
    "figures.ae_fashion.embedded": Specified(5000, "example 3-11"),
    "figures.ae_fashion.generated": Specified(18, "figure 3-8"),
    "figures.ae_fashion.grid": Specified(15, "notebook"),
    "figures.vae_fashion.embedded": Specified(5000, "example 3-11"),
    "figures.vae_fashion.generated": Specified(18, "figure 3-13"),
    "figures.vae_fashion.grid": Specified(15, "notebook"),
    "figures.vae_faces.reconstructed": Specified(10, "figure 3-16"),
    "figures.vae_faces.histograms": Specified(50, "figure 3-17"),
    "figures.vae_faces.generated": Specified(30, "figure 3-18"),
    "figures.vae_faces.attributes": Specified(
        ["Smiling", "Black_Hair", "Eyeglasses", "Young", "Male", "Blond_Hair"], "text and notebook"
    ),
    "figures.vae_faces.factors": Specified([-4, -3, -2, -1, 0, 1, 2, 3, 4], "notebook"),
    "figures.vae_faces.edited": Specified(5, "notebook"),
    "figures.vae_faces.morph_steps": Specified(11, "notebook"),
}

# What params.yaml has as it comes, where that is not the chapter's: what to set is what differs.
OWN = {
    "runtime.threads": 2,
    "download.fashion.source": "sample",
    "download.fashion.folder.size": 28,
    "download.fashion.folder.test_fraction": 0.2,
    "download.fashion.folder.max_bad_fraction": 0.01,
    "download.fashion.folder.seed": 42,
    "download.fashion.sample.train_images": 6_000,
    "download.fashion.sample.test_images": 2_000,
    "download.fashion.sample.seed": 42,
    "download.faces.source": "sample",
    "download.faces.folder.test_fraction": 0.2,
    "download.faces.folder.seed": 42,
    "download.faces.sample.images": 10_000,
    "download.faces.sample.seed": 42,
    "preprocess.faces.max_bad_fraction": 0.01,
    "train_ae.fashion.samples": 10,
    "train_ae.fashion.seed": 42,
    "train_vae.fashion.samples": 10,
    "train_vae.fashion.seed": 42,
    "train_vae.faces.seed": 42,
    **{
        f"train_classifier.{dataset}.{name}": value
        for dataset in ("fashion", "faces")
        for name, value in {
            "filters": [16, 32, 64],
            "features": 64,
            "learning_rate": 0.001,
            "batch_size": 100,
            "epochs": 5,
            "seed": 42,
        }.items()
    },
    "embed.batch_size": 1000,
    "evaluate.images": 1000,
    "evaluate.importance_images": 100,
    "evaluate.importance_samples": 50,
    "evaluate.embedded": 2000,
    "evaluate.drawn": 10_000,
    "evaluate.components": 10,
    "evaluate.neighbours": 5,
    "evaluate.seed": 42,
    "evaluate_edits.images": 40,
    "evaluate_edits.seed": 42,
    "figures.ae_fashion.seed": 42,
    "figures.vae_fashion.seed": 42,
    "figures.vae_faces.seed": 42,
    "figures.chapter.embedded": 5000,
}
DEFAULTS = {key: specified.value for key, specified in CHAPTER.items()} | OWN

# Where somebody keeps a file says nothing about the result, and is not everybody's to know.
PRIVATE = (
    "download.fashion.location",
    "download.fashion.folder.location",
    "download.faces.location",
    "download.faces.folder.location",
)
FOLDERS = {"fashion": "images/fashion", "faces": "images/faces"}  # where own images are sought


@dataclass(frozen=True)
class Difference:
    """A parameter whose value is not the chapter's.

    Attributes:
        key: dotted, as in params.yaml.
        specified: what the chapter has.
        here: what this run has.
    """

    key: str
    specified: Specified
    here: Any


def run_values(params: Params) -> dict[str, Any]:
    """Return the values that a result depends on under their dotted keys, in params.yaml's order.

    What only another source has a use for is left out.
    """
    values = params.select(*SECTIONS)
    unused = tuple(
        f"download.{dataset}.{source}."
        for dataset in ("fashion", "faces")
        for source in ("sample", "folder")
        if params.download[dataset].source != source
    )
    if params.download.faces.source != "kaggle":
        unused += ("download.faces.dataset",)
    return {
        key: value
        for key, value in values.items()
        if key not in PRIVATE and not key.startswith(unused)
    }


def differences(params: Params) -> list[Difference]:
    """Return the parameters whose values are not the chapter's, in params.yaml's order."""
    return [
        Difference(key, CHAPTER[key], value)
        for key, value in run_values(params).items()
        if key in CHAPTER and value != CHAPTER[key].value
    ]


def overrides(params: Params) -> list[str]:
    """Return what to set, as key=value, to get from the project's own params.yaml to this run's."""
    settings = [
        f"{key}={setting(value)}"
        for key, value in run_values(params).items()
        if key not in DEFAULTS or value != DEFAULTS[key]
    ]
    if params.download.faces.source == "archive":
        settings.append("download.faces.location=/path/to/archive.zip")
    for dataset, folder in FOLDERS.items():
        section = params.download[dataset]
        if section.source == "folder" and section.folder.location != folder:
            settings.append(f"download.{dataset}.folder.location=/path/to/folder")
    return settings


def setting(value: Any) -> str:
    """Return a parameter's value as `dvc exp run --set-param` reads it."""
    if isinstance(value, list | tuple):
        return f"[{','.join(setting(element) for element in value)}]"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z_]\w*", value, re.ASCII):
        return value
    return json.dumps(value, ensure_ascii=False)
