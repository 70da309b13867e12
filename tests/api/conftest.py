"""A project with untrained models, and the models loaded from it."""

import shutil
from pathlib import Path

import pytest
from own_project import Networks, make_project

from latent import Model
from latent.params import Params


@pytest.fixture(scope="session")
def networks(params: Params) -> Networks:
    tiny = {"filters": [4, 8], "latent_dim": 4}
    return Networks(
        vae=params.train_vae.fashion.model_copy(update=tiny),
        ae=params.train_ae.fashion.model_copy(update=tiny),
    )


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, params: Params, networks: Networks) -> Path:
    """A project, which tests must not change."""
    root = tmp_path_factory.mktemp("project")
    make_project(root, params, networks)
    return root


@pytest.fixture
def copied(project: Path, tmp_path: Path) -> Path:
    """A copy of the project, which a test may change."""
    return Path(shutil.copytree(project, tmp_path / "copy"))


@pytest.fixture(scope="session")
def faces(project: Path) -> Model:
    return Model.load("vae_faces", project)


@pytest.fixture(scope="session")
def garments(project: Path) -> Model:
    return Model.load("vae_fashion", project)


@pytest.fixture(scope="session")
def autoencoder(project: Path) -> Model:
    return Model.load("ae_fashion", project)
