"""Finds the files of a model by its name, its folder, or its address in MLflow."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from latent.api.provenance import Provenance, read_provenance
from latent.errors import InputError
from latent.io.paths import ModelPaths
from latent.raw.folder_or_zip import printable

MLFLOW = ("models:/", "runs:/")
MODELS = ("ae_fashion", "vae_fashion", "vae_faces")


@dataclass(frozen=True)
class ModelFiles:
    """The files of a model.

    Attributes:
        folder: folder with encoder.keras and decoder.keras.
        provenance: what the model was made from.
        vectors: the attribute vectors, a Parquet file that may not exist.
        is_logged: whether the files are those of a run in MLflow, so that they belong together.
        paths: outs of the project that has the model's dataset and embeddings.
    """

    folder: Path
    provenance: Provenance
    vectors: Path
    is_logged: bool
    paths: ModelPaths

    @property
    def are_in_project(self) -> bool:
        """Whether this is the model that the stages of the project use."""
        return self.folder.resolve() == self.paths.model.resolve()


@contextmanager
def find_model(location: str | Path, root: Path) -> Iterator[ModelFiles]:
    """Yield the files of a model. Files from MLflow are removed at the end.

    Args:
        location: name of a model in models/, a folder, or an address in MLflow:
            "models:/<name>@<alias>", "models:/<name>/<version>" or "runs:/<run id>".
        root: the project's folder.

    Raises:
        InputError: there is no model, or it is not complete.
    """
    if str(location).startswith(MLFLOW):
        # Imported here, because MLflow takes seconds to import.
        from latent.api.registered import download  # noqa: PLC0415

        with download(str(location), root) as files:
            yield files
    else:
        yield _find_folder(Path(os.path.expanduser(location)), root)


def _find_folder(location: Path, root: Path) -> ModelFiles:
    in_project = ModelPaths(location.name, root).model
    folder = in_project if len(location.parts) == 1 and in_project.is_dir() else location
    if not folder.is_dir():
        raise InputError(_explain_missing(location, root))
    if not (folder / "encoder.keras").exists():
        raise InputError(
            f"{printable(folder)}: contains no encoder.keras, so it is not an autoencoder or VAE"
        )
    provenance = read_provenance(folder / "provenance.json")
    if folder != in_project and folder.absolute().parent.name == "models":
        root = folder.absolute().parents[1]
    paths = ModelPaths(provenance.model_name, root)
    vectors = paths.attribute_vectors / "attribute_vectors.parquet"
    return ModelFiles(folder, provenance, vectors, is_logged=False, paths=paths)


def _explain_missing(location: Path, root: Path) -> str:
    if location.name in MODELS:
        kind, _, dataset = location.name.partition("_")
        return (
            f"{printable(location)}: the model is not trained yet; run `dvc repro "
            f"train_{kind}@{dataset}`, or `make repro` for all models"
        )
    found = [name for name in MODELS if ModelPaths(name, root).model.is_dir()]
    allowed = f"one of {', '.join(found)}, " if found else ""
    return (
        f"{printable(location)}: no such model; allowed is {allowed}a folder with encoder.keras, "
        "or an address in MLflow such as models:/vae_faces_decoder@newest"
    )
