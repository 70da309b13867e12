from pathlib import Path

import numpy as np
import pytest

from benchmarks.training import workload
from latent.errors import InputError
from latent.models.layers import MOMENTUM
from latent.params import Params


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with 7.5 batches of training images and more test images than needed."""
    folder = tmp_path / "data/processed/fashion"
    folder.mkdir(parents=True)
    for split, count in {"train": 750, "test": workload.TEST_IMAGES + 1}.items():
        np.save(folder / f"{split}.npy", np.full((count, 2, 2, 1), 51, np.uint8))
    params = (workload.ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(params, encoding="utf-8")
    monkeypatch.setattr(workload, "ROOT", tmp_path)
    return tmp_path


def test_workload_has_whole_batches_and_a_limited_number_of_test_images(
    root: Path, params: Params
) -> None:
    found = workload.read_workload("fashion", 10_000)
    assert params.train_vae.fashion.batch_size == 100
    assert found.images.shape == (700, 2, 2, 1)
    assert found.test_images.shape == (workload.TEST_IMAGES, 2, 2, 1)
    assert workload.scale(found.test_images).max() == np.float32(0.2)


def test_less_than_a_batch_raises_an_error(root: Path) -> None:
    with pytest.raises(InputError, match="99 training images"):
        workload.read_workload("fashion", 99)


def test_momentum_is_that_of_the_project() -> None:
    assert workload.MOMENTUM == MOMENTUM
