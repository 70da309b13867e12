"""Downloads a model from MLflow: its encoder, decoder, provenance and attribute vectors."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from sqlalchemy.engine import make_url

from latent.api.location import ModelFiles
from latent.api.provenance import read_provenance
from latent.errors import InputError
from latent.io.paths import ModelPaths
from latent.tracking.address import REGISTRY_URI, absolute_address, store_address
from latent.tracking.database import prepare_database
from latent.tracking.run import describe
from latent.tracking.store import is_database

ADDRESS = re.compile(
    r"runs:/(?P<run>\w+)|models:/(?P<name>[^/@]+)(@(?P<alias>[^/@]+)|/(?P<version>\d+))"
)
# Artifact folders of a run, and the files that are needed from them.
LOGGED = {"model": "provenance.json", "attributes": "attribute_vectors.parquet"}


@contextmanager
def download(location: str, root: Path) -> Iterator[ModelFiles]:
    """Yield the files of a model in MLflow, which are removed at the end.

    The encoder and the decoder are those of one run, whichever of them the address names. No code
    that is logged with them is run.

    Args:
        location: "models:/<name>@<alias>", "models:/<name>/<version>" or "runs:/<run id>".
        root: the project's folder, which has the default store. MLFLOW_TRACKING_URI has priority.

    Raises:
        InputError: the address is not valid, the store fails, or it has no such model.
    """
    match = ADDRESS.fullmatch(location)
    if not match:
        raise InputError(
            f"{location}: not an address of a model; allowed are models:/<name>@<alias>, "
            "models:/<name>/<version> and runs:/<run id>"
        )
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        try:
            _fetch(match, root.absolute(), folder)
        except InputError:
            raise
        except Exception as error:  # MLflow, its database or the network
            reason = describe(error).removeprefix("MlflowException: ")
            raise InputError(f"{location}: {reason}") from None
        try:
            provenance = read_provenance(folder / LOGGED["model"])
            vectors = folder / LOGGED["attributes"]
            paths = ModelPaths(provenance.model_name, root)
            yield ModelFiles(folder, provenance, vectors, is_logged=True, paths=paths)
        except InputError as error:
            raise InputError(str(error).replace(temporary, location)) from None


def _fetch(match: re.Match[str], root: Path, folder: Path) -> None:
    location, store = match.string, _open_store(root)
    registry = os.environ.get(REGISTRY_URI)
    client = MlflowClient(store, absolute_address(registry, root) if registry else store)
    run_id = match["run"] or _find_run(client, match)
    experiment = client.get_run(run_id).info.experiment_id
    found = client.search_logged_models([experiment], f"source_run_id = '{run_id}'")
    logged = {model.name: model.artifact_location for model in found if model.status == "READY"}
    for part in ("encoder", "decoder"):
        if part not in logged:
            raise InputError(f"{location}: the run {run_id} has no {part}")
        uri = f"{logged[part]}/data/{part}.keras"
        download_artifacts(artifact_uri=uri, dst_path=str(folder), tracking_uri=store)
    for name, file in LOGGED.items():
        path = f"{name}/{file}"
        if path in [artifact.path for artifact in client.list_artifacts(run_id, name)]:
            client.download_artifacts(run_id, path, str(folder))


def _find_run(client: MlflowClient, match: re.Match[str]) -> str:
    """Return the run that registered a model."""
    name, alias = match["name"], match["alias"]
    if alias:
        return str(client.get_model_version_by_alias(name, alias).run_id)
    return str(client.get_model_version(name, match["version"]).run_id)


def _open_store(root: Path) -> str:
    """Return the address of the store. A missing database is not created."""
    store = store_address(root)
    if is_database(store):
        url = make_url(store)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            raise InputError(f"{url.database}: no such MLflow store; run `make repro`")
        prepare_database(store, root)
    return store
