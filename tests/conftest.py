"""What tests of several packages start from."""

import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from latent.params import Params, TrainVAE, load_params

# Where the tests are started in the background, Ctrl-C is ignored, and so it is by all that a test
# starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

PARAMS_FILE = Path(__file__).parents[1] / "params.yaml"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the pipeline's tests: the longest, which else would end last."""
    items.sort(key=lambda item: item.path.parent.name != "pipeline")


@pytest.fixture(scope="session")
def params() -> Params:
    """The project's own params.yaml."""
    return load_params(PARAMS_FILE)


@pytest.fixture(scope="session")
def tiny_architecture(params: Params) -> TrainVAE:
    """An architecture, and a training of it, that take no time."""
    changes = {"filters": [4, 8], "latent_dim": 2, "batch_size": 8, "epochs": 2}
    return params.train_vae.fashion.model_copy(update=changes)


@pytest.fixture
def patience() -> Iterator[None]:
    """End a test that waits for ever, as for a pipe that nobody writes to."""

    def give_up(number: int, frame: FrameType | None) -> None:
        pytest.fail("it hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
