"""What tests of several packages start from."""

from pathlib import Path

import pytest

from latent.params import Params, TrainVAE, load_params

PARAMS_FILE = Path(__file__).parents[1] / "params.yaml"


@pytest.fixture(scope="session")
def params() -> Params:
    """The project's own params.yaml."""
    return load_params(PARAMS_FILE)


@pytest.fixture(scope="session")
def tiny_architecture(params: Params) -> TrainVAE:
    """An architecture, and a training of it, that take no time."""
    changes = {"filters": [4, 8], "latent_dim": 2, "batch_size": 8, "epochs": 2}
    return params.train_vae.fashion.model_copy(update=changes)
