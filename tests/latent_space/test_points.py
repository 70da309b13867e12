"""Reading, choosing and sampling of embeddings."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from latent.errors import InputError
from latent.io.dataset import Split
from latent.latent_space.points import CHUNK, read_points, sample_posteriors, some_rows
from latent.latent_space.sampling import sample_prior

SMAPS = Path("/proc/self/smaps")
SPLIT = Split(np.zeros((3, 4, 4, 1), np.uint8), pd.DataFrame({"label": [0, 1, 2]}))


def test_embeddings_are_read_unchanged(tmp_path: Path) -> None:
    z = np.arange(6, dtype=np.float32).reshape(3, 2)
    np.save(tmp_path / "z.npy", z)
    np.testing.assert_array_equal(read_points(tmp_path / "z.npy", SPLIT), z)


@pytest.mark.parametrize(
    ("z", "message"),
    [
        (np.zeros((4, 2), np.float32), "4 embeddings for 3 images"),
        (np.array([[0, 0], [0, np.nan], [0, 0]], np.float32), "NaN or infinite"),
        (np.array([[0, 0], [0, np.inf], [0, 0]], np.float32), "NaN or infinite"),
    ],
)
def test_invalid_embeddings_are_errors(tmp_path: Path, z: np.ndarray, message: str) -> None:
    np.save(tmp_path / "z.npy", z)
    with pytest.raises(InputError, match=message):
        read_points(tmp_path / "z.npy", SPLIT)


def test_missing_embeddings_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"z\.npy"):
        read_points(tmp_path / "z.npy", SPLIT)


@pytest.mark.skipif(not SMAPS.exists(), reason="needs /proc/self/smaps of Linux")
def test_checked_embeddings_do_not_stay_in_memory(tmp_path: Path) -> None:
    count = 20 * CHUNK
    np.save(tmp_path / "z.npy", np.zeros((count, 8), np.float32))
    split = Split(np.zeros((count, 1, 1, 1), np.uint8), pd.DataFrame(index=range(count)))
    z = read_points(tmp_path / "z.npy", split)
    _, *mapping = SMAPS.read_text().partition(str(tmp_path / "z.npy"))
    (resident,) = re.findall(r"^Rss: +(\d+) kB", "".join(mapping), re.MULTILINE)[:1]
    assert int(resident) * 1024 < z.nbytes / 10


def test_rows_are_random_and_sorted() -> None:
    rows = some_rows(1000, 100, seed=1)
    assert len(set(rows)) == 100
    assert (np.diff(rows) > 0).all()
    assert rows[-1] > 900  # not the first rows only
    np.testing.assert_array_equal(rows, some_rows(1000, 100, seed=1))
    assert (rows != some_rows(1000, 100, seed=2)).any()


@pytest.mark.parametrize("count", [3, 4])
def test_all_rows_if_there_are_fewer(count: int) -> None:
    np.testing.assert_array_equal(some_rows(3, count, seed=0), [0, 1, 2])


def test_sampled_points_have_the_mean_and_variance_of_the_posterior() -> None:
    z_mean = np.full((20_000, 2), [1, -2], np.float32)
    z_log_var = np.log(np.full((20_000, 2), [0.25, 4], np.float32))
    z = sample_posteriors(z_mean, z_log_var, seed=0)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.mean(axis=0), [1, -2], atol=0.05)
    np.testing.assert_allclose(z.var(axis=0), [0.25, 4], rtol=0.05)
    np.testing.assert_array_equal(z, sample_posteriors(z_mean, z_log_var, seed=0))
    assert not np.array_equal(z, sample_posteriors(z_mean, z_log_var, seed=1))


def test_noise_of_posteriors_differs_from_the_prior() -> None:
    zeros = np.zeros((1000, 2), np.float32)
    noise = sample_posteriors(zeros, zeros, seed=0)
    assert not np.isin(noise, sample_prior(1000, 2, seed=0)).any()
