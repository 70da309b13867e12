"""The parameter values of the chapter, and how a run's parameters differ from them.

Source: D. Foster, Generative Deep Learning, 2nd ed., O'Reilly 2023, chapter 3. "Notebook" is the
book's code, the source of values that the text does not give.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from latent.params import Params

# The sections of params.yaml on which the results depend.
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
class ChapterValue:
    """The chapter's value of a parameter.

    Attributes:
        value: the value.
        source: the example, table or figure that gives it.
    """

    value: Any
    source: str


CHAPTER = {
    "download.fashion.source": ChapterValue("fashion_mnist", "example 3-1"),
    "download.faces.source": ChapterValue("kaggle", "example 3-14"),
    "download.faces.dataset": ChapterValue("jessicali9530/celeba-dataset", "example 3-14"),
    "preprocess.fashion.padding": ChapterValue(2, "example 3-2"),
    "preprocess.faces.image_size": ChapterValue(32, "tables 3-5 and 3-6; example 3-15 has 64"),
    "preprocess.faces.fit": ChapterValue("stretch", "example 3-15"),
    "train_ae.fashion.filters": ChapterValue([32, 64, 128], "table 3-1"),
    "train_ae.fashion.block": ChapterValue(["conv", "relu"], "table 3-1"),
    "train_ae.fashion.dense_block": ChapterValue([], "table 3-2"),
    "train_ae.fashion.output": ChapterValue("conv", "table 3-2"),
    "train_ae.fashion.latent_dim": ChapterValue(2, "table 3-1"),
    "train_ae.fashion.precision": ChapterValue("float32", "Keras default"),
    "train_ae.fashion.loss": ChapterValue("bce", "example 3-8"),
    "train_ae.fashion.noise_std": ChapterValue(0.0, "example 3-9; the text mentions denoising"),
    "train_ae.fashion.learning_rate": ChapterValue(0.001, "example 3-8, Keras default"),
    "train_ae.fashion.batch_size": ChapterValue(100, "example 3-9"),
    "train_ae.fashion.epochs": ChapterValue(5, "example 3-9; notebook 3"),
    "train_vae.fashion.filters": ChapterValue([32, 64, 128], "table 3-4"),
    "train_vae.fashion.block": ChapterValue(["conv", "relu"], "table 3-4"),
    "train_vae.fashion.dense_block": ChapterValue([], "table 3-2"),
    "train_vae.fashion.output": ChapterValue("conv", "table 3-2"),
    "train_vae.fashion.latent_dim": ChapterValue(2, "table 3-4"),
    "train_vae.fashion.precision": ChapterValue("float32", "Keras default"),
    "train_vae.fashion.loss": ChapterValue("bce", "example 3-13"),
    "train_vae.fashion.reconstruction_weight": ChapterValue(500.0, "example 3-13"),
    "train_vae.fashion.learning_rate": ChapterValue(
        0.001, "Keras default, not given in the text; notebook 0.0005"
    ),
    "train_vae.fashion.batch_size": ChapterValue(100, "text"),
    "train_vae.fashion.epochs": ChapterValue(5, "text"),
    "train_vae.faces.filters": ChapterValue([128, 128, 128, 128], "table 3-5"),
    "train_vae.faces.block": ChapterValue(["conv", "batch_norm", "leaky_relu"], "table 3-5"),
    "train_vae.faces.dense_block": ChapterValue(["batch_norm", "leaky_relu"], "table 3-6"),
    "train_vae.faces.output": ChapterValue("conv_transpose", "table 3-6"),
    "train_vae.faces.latent_dim": ChapterValue(200, "table 3-5"),
    "train_vae.faces.precision": ChapterValue("float32", "Keras default"),
    "train_vae.faces.loss": ChapterValue("mse", "notebook"),
    "train_vae.faces.reconstruction_weight": ChapterValue(2000.0, "notebook"),
    "train_vae.faces.learning_rate": ChapterValue(0.0005, "notebook"),
    "train_vae.faces.batch_size": ChapterValue(128, "example 3-15"),
    "train_vae.faces.epochs": ChapterValue(5, "text, “around five”; notebook 10"),
    "train_vae.faces.samples": ChapterValue(10, "notebook"),
    "train_vae.faces.seed": ChapterValue(42, "example 3-15"),
    "evaluate_edits.factors": ChapterValue([-4, -3, -2, -1, 0, 1, 2, 3, 4], "notebook"),
    "figures.ae_fashion.embedded": ChapterValue(5000, "example 3-11"),
    "figures.ae_fashion.generated": ChapterValue(18, "figure 3-8"),
    "figures.ae_fashion.grid": ChapterValue(15, "notebook"),
    "figures.vae_fashion.embedded": ChapterValue(5000, "example 3-11"),
    "figures.vae_fashion.generated": ChapterValue(18, "figure 3-13"),
    "figures.vae_fashion.grid": ChapterValue(15, "notebook"),
    "figures.vae_faces.reconstructed": ChapterValue(10, "figure 3-16"),
    "figures.vae_faces.histograms": ChapterValue(50, "figure 3-17"),
    "figures.vae_faces.generated": ChapterValue(30, "figure 3-18"),
    "figures.vae_faces.attributes": ChapterValue(
        ["Smiling", "Black_Hair", "Eyeglasses", "Young", "Male", "Blond_Hair"], "text and notebook"
    ),
    "figures.vae_faces.factors": ChapterValue([-4, -3, -2, -1, 0, 1, 2, 3, 4], "notebook"),
    "figures.vae_faces.edited": ChapterValue(5, "notebook"),
    "figures.vae_faces.morph_steps": ChapterValue(11, "notebook"),
}

# Values of the project's params.yaml that the chapter does not give or that differ from it. A copy,
# because a run's params.yaml may have been edited; `overrides` returns the differences.
PROJECT_VALUES = {
    "runtime.threads": 2,
    "download.fashion.source": "sample",
    "download.fashion.folder.size": 28,
    "download.fashion.folder.zip_encoding": None,
    "download.fashion.folder.test_fraction": 0.2,
    "download.fashion.folder.max_bad_fraction": 0.01,
    "download.fashion.folder.seed": 42,
    "download.fashion.sample.train_images": 6_000,
    "download.fashion.sample.test_images": 2_000,
    "download.fashion.sample.seed": 42,
    "download.faces.source": "sample",
    "download.faces.folder.zip_encoding": None,
    "download.faces.folder.test_fraction": 0.2,
    "download.faces.folder.seed": 42,
    "download.faces.sample.images": 10_000,
    "download.faces.sample.seed": 42,
    "preprocess.faces.max_bad_fraction": 0.01,
    "train_ae.fashion.samples": 10,
    "train_ae.fashion.seed": 42,
    "train_vae.fashion.samples": 10,
    "train_vae.fashion.seed": 42,
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
DEFAULTS = {key: chapter.value for key, chapter in CHAPTER.items()} | PROJECT_VALUES

# The locations of files do not influence the results and may be private.
LOCATIONS = (
    "download.fashion.location",
    "download.fashion.folder.location",
    "download.faces.location",
    "download.faces.folder.location",
)
DEFAULT_FOLDERS = {"fashion": "images/fashion", "faces": "images/faces"}  # of your own images


@dataclass(frozen=True)
class Difference:
    """A parameter whose value differs from the chapter's.

    Attributes:
        key: dotted name of the parameter.
        chapter: the chapter's value.
        value: the value in this run.
    """

    key: str
    chapter: ChapterValue
    value: Any


def run_values(params: Params) -> dict[str, Any]:
    """Return the parameters on which the results depend, by dotted name, in params.yaml's order.

    Parameters of unused data sources and the locations of files are left out.
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
        if key not in LOCATIONS and not key.startswith(unused)
    }


def differences(params: Params) -> list[Difference]:
    """Return the parameters whose values differ from the chapter's, in params.yaml's order."""
    return [
        Difference(key, CHAPTER[key], value)
        for key, value in run_values(params).items()
        if key in CHAPTER and value != CHAPTER[key].value
    ]


def overrides(params: Params) -> list[str]:
    """Return the changes, as key=value, from the project's params.yaml to this run's parameters."""
    settings = [
        f"{key}={format_value(value)}"
        for key, value in run_values(params).items()
        if key not in DEFAULTS or value != DEFAULTS[key]
    ]
    if params.download.faces.source == "archive":
        settings.append("download.faces.location=/path/to/archive.zip")
    for dataset, folder in DEFAULT_FOLDERS.items():
        section = params.download[dataset]
        if section.source == "folder" and section.folder.location != folder:
            settings.append(f"download.{dataset}.folder.location=/path/to/folder")
    return settings


def format_value(value: Any) -> str:
    """Return a parameter's value in the syntax of `dvc exp run --set-param`."""
    if isinstance(value, list | tuple):
        return f"[{','.join(format_value(element) for element in value)}]"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z_]\w*", value, re.ASCII):
        return value
    return json.dumps(value, ensure_ascii=False)
