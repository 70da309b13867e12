"""MLflow's client and an empty store, for each test anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_store import fresh_client, make_empty_store, make_root


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
