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


@pytest.hookimpl(tryfirst=True)  # the plugin that reads the marks has its turn next
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together, in one of the processes of `make test`, what shares what is made once.

    The pipeline's run is the longest of it, so the tests that need it come first; apart from these,
    a file's tests are together.
    """

    def needs_pipeline(item: pytest.Item) -> bool:
        return "reproduced" in getattr(item, "fixturenames", ())

    for item in items:
        group = "reproduced" if needs_pipeline(item) else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=needs_pipeline, reverse=True)


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
