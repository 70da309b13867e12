"""MLflow's client and an empty store, for each test anew, and a model for all tests."""

from collections.abc import Iterator
from pathlib import Path

import keras
import pytest
from tiny_store import SHAPE, fresh_client, make_empty_store, make_root

from latent.models.networks import build_decoder, build_encoder
from latent.models.storage import save_model
from latent.params import TrainVAE


@pytest.fixture
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """MLflow's client as in a new process, and the environment in which it runs."""
    with fresh_client(tmp_path_factory.mktemp("elsewhere")) as monkeypatch:
        yield monkeypatch


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without a run, to be copied."""
    with fresh_client(tmp_path_factory.mktemp("elsewhere")):
        return make_empty_store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def root(tmp_path: Path, empty_store: Path) -> Path:
    """A project's folder with an empty store."""
    return make_root(tmp_path / "project", empty_store)


@pytest.fixture(scope="session")
def networks(tiny_architecture: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an encoder and a decoder. Tests must not change it."""
    folder = tmp_path_factory.mktemp("networks")
    keras.utils.set_random_seed(1)
    save_model(build_encoder(tiny_architecture, SHAPE), folder / "encoder.keras")
    save_model(build_decoder(tiny_architecture, SHAPE), folder / "decoder.keras")
    return folder
