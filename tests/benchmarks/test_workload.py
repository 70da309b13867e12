from pathlib import Path

import numpy as np
import pytest

from benchmarks.training import workload
from latent.errors import InputError
from latent.models.layers import MOMENTUM
from latent.params import Params


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with seven batches and a half of garments, and more than enough held out."""
    folder = tmp_path / "data/processed/fashion"
    folder.mkdir(parents=True)
    for split, count in {"train": 750, "test": workload.HELD_OUT + 1}.items():
        np.save(folder / f"{split}.npy", np.full((count, 2, 2, 1), 51, np.uint8))
    params = (workload.ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(params, encoding="utf-8")
    monkeypatch.setattr(workload, "ROOT", tmp_path)
    return tmp_path


def test_whole_batches_are_trained_on_and_others_held_out(root: Path, params: Params) -> None:
    found = workload.read_workload("fashion", 10_000)
    assert params.train_vae.fashion.batch_size == 100
    assert found.images.shape == (700, 2, 2, 1)
    assert found.held_out.shape == (workload.HELD_OUT, 2, 2, 1)
    assert workload.scale(found.held_out).max() == np.float32(0.2)


def test_less_than_a_batch_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match="99 images"):
        workload.read_workload("fashion", 99)


def test_all_have_the_project_s_moving_averages() -> None:
    assert workload.MOMENTUM == MOMENTUM
