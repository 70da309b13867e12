"""Embeddings, checked against the images that they are of."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from latent.data.dataset import Split
from latent.errors import InputError
from latent.figures.inputs import read_history, read_points

SPLIT = Split(np.zeros((3, 4, 4, 1), np.uint8), pd.DataFrame({"label": [0, 1, 2]}))


def test_embeddings_are_read_as_they_are(tmp_path: Path) -> None:
    z = np.arange(6, dtype=np.float32).reshape(3, 2)
    np.save(tmp_path / "z.npy", z)
    np.testing.assert_array_equal(read_points(tmp_path / "z.npy", SPLIT), z)


@pytest.mark.parametrize(
    ("z", "message"),
    [
        (np.zeros((4, 2), np.float32), "4 embeddings of 3 images"),
        (np.array([[0, 0], [0, np.nan], [0, 0]], np.float32), "not finite"),
        (np.array([[0, 0], [0, np.inf], [0, 0]], np.float32), "not finite"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(
    tmp_path: Path, z: np.ndarray, message: str
) -> None:
    np.save(tmp_path / "z.npy", z)
    with pytest.raises(InputError, match=message):
        read_points(tmp_path / "z.npy", SPLIT)


def test_missing_embeddings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"z\.npy"):
        read_points(tmp_path / "z.npy", SPLIT)


def test_a_history_of_one_epoch_is_read(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("epoch,train/loss,test/loss\n1,0.5,0.25\n")
    history = read_history(tmp_path / "history.csv")
    assert history.to_dict("list") == {"epoch": [1], "train/loss": [0.5], "test/loss": [0.25]}


@pytest.mark.parametrize(
    "text",
    ["", "epoch,train/loss\n", "epoch,train/loss\n1,nan\n", "epoch,train/loss\n1,inf\n", "a\nb\n"],
)
def test_a_history_that_cannot_be_drawn_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(InputError, match=r"history\.csv") as caught:
        read_history(tmp_path / "history.csv")
    assert "\n" not in str(caught.value)


def test_a_missing_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"history\.csv"):
        read_history(tmp_path / "history.csv")
