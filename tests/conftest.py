"""Fixtures and settings of all tests."""

import gc
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from selection import is_long, put_long_files_first

# Before Keras, as in the stages: it skips packages that Keras would import, and its messages.
import latent.models  # noqa: F401
from latent.params import Params, TrainVAE, load_params

# Imported modules are never freed. Without looking for garbage among them, the tests are collected
# in less time.
gc.disable()

# A process in the background ignores Ctrl-C, and its child processes inherit this. Some tests
# interrupt child processes, so the default handler is restored.
signal.signal(signal.SIGINT, signal.default_int_handler)

PARAMS_FILE = Path(__file__).parents[1] / "params.yaml"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark long tests, and put the tests in an order in which two processes end together."""
    for item in items:
        if isinstance(item, pytest.Function) and is_long(item):
            item.add_marker("long")
    put_long_files_first(items)


def pytest_collection_finish() -> None:
    """Leave the imported modules out of all later searches for garbage."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def params() -> Params:
    """The parameters in the project's params.yaml."""
    return load_params(PARAMS_FILE)


@pytest.fixture(scope="session")
def tiny_architecture(params: Params) -> TrainVAE:
    """Parameters of a tiny VAE and its training."""
    changes = {"filters": [4, 8], "latent_dim": 2, "batch_size": 8, "epochs": 2}
    return params.train_vae.fashion.model_copy(update=changes)


@pytest.fixture
def patience() -> Iterator[None]:
    """Fail a test after 60 seconds, for example if it reads from a pipe without a writer."""

    def fail(number: int, frame: FrameType | None) -> None:
        pytest.fail("timeout after 60 seconds")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
