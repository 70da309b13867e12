"""Reading of training histories."""

from pathlib import Path

import pytest

from latent.errors import InputError
from latent.figures.common.history import read_history


def test_a_history_of_one_epoch_is_read(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("epoch,train/loss,test/loss\n1,0.5,0.25\n")
    history = read_history(tmp_path / "history.csv")
    assert history.to_dict("list") == {"epoch": [1], "train/loss": [0.5], "test/loss": [0.25]}


@pytest.mark.parametrize(
    "text",
    ["", "epoch,train/loss\n", "epoch,train/loss\n1,nan\n", "epoch,train/loss\n1,inf\n", "a\nb\n"],
)
def test_an_invalid_history_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(InputError, match=r"history\.csv") as caught:
        read_history(tmp_path / "history.csv")
    assert "\n" not in str(caught.value)


def test_a_missing_history_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"history\.csv"):
        read_history(tmp_path / "history.csv")
