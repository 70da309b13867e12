"""The aggregated posterior of mixtures with known moments and distances."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from latent.evaluate.posterior import dimension_table, kolmogorov_distance, posterior_metrics


def normal_quantiles(count: int) -> np.ndarray:
    """Return quantiles of N(0, 1): the `count` points that represent it best."""
    return ndtri((np.arange(count) + 0.5) / count).astype(np.float32)


def test_collapsed_vae_has_no_active_units_and_equals_the_prior() -> None:
    zeros = np.zeros((3000, 4), np.float32)  # more than one chunk
    table = dimension_table(zeros, zeros)
    assert list(table["dimension"]) == [1, 2, 3, 4]
    assert not table["active"].any()
    assert not table["unlike_prior"].any()
    assert posterior_metrics(table) == {
        "latent_dim": 4,
        "active_units": 0,
        "unlike_prior": 0,
        "mean_norm": 0,
        "mean_abs_max": 0,
        "std_min": 1,
        "std_max": 1,
        "kolmogorov_max": pytest.approx(0, abs=1e-12),
    }
    assert (table["kl_nats"] == 0).all()


def test_mixture_that_equals_the_prior_is_active() -> None:
    # Variance of the means 0.8², and of each posterior 0.6²: 0.64 + 0.36 = 1.
    z_mean = 0.8 * normal_quantiles(2000)[:, np.newaxis]
    z_log_var = np.full_like(z_mean, math.log(0.36))
    (row,) = dimension_table(z_mean, z_log_var).to_dict("records")
    assert row["activity"] == pytest.approx(0.64, rel=2e-3)
    assert (row["active"], row["unlike_prior"]) == (True, False)
    assert row["std"] == pytest.approx(1, rel=2e-3)
    assert row["distance"] < 1e-3


def test_distance_of_a_shifted_normal_distribution() -> None:
    z_mean = np.full((10, 2), 0.5, np.float32)
    z_mean[:, 1] = 0
    distance = kolmogorov_distance(z_mean, np.zeros((10, 2), np.float32))
    # The distance is largest in the middle between the means, at most 0.05 from the grid.
    assert distance[0] == pytest.approx(ndtr(0.25) - ndtr(-0.25), abs=1e-3)
    assert distance[1] == pytest.approx(0, abs=1e-12)


def test_dimensions_of_an_autoencoder() -> None:
    normal = normal_quantiles(2000)
    z = np.stack([normal, 3 * normal + 1, np.full_like(normal, 0.5)], axis=1)
    table = dimension_table(z, None)
    assert "kl_nats" not in table
    assert list(table["unlike_prior"]) == [False, True, True]
    assert list(table["active"]) == [True, True, False]
    assert table["mean"].to_list() == pytest.approx([0, 1, 0.5], abs=1e-5)
    assert table["std"].to_list() == pytest.approx([1, 3, 0], rel=5e-3, abs=1e-5)
    assert table["distance"][2] == pytest.approx(ndtr(0.4), abs=1e-6)
    metrics = posterior_metrics(table)
    assert metrics["mean_norm"] == pytest.approx(math.sqrt(1 + 0.25), abs=1e-4)
    assert metrics["mean_abs_max"] == pytest.approx(1, abs=1e-5)
    assert metrics["kolmogorov_max"] == table["distance"].max()


def test_distance_of_few_images_is_not_significant() -> None:
    few = np.random.default_rng(0).standard_normal((20, 200), dtype=np.float32)
    table = dimension_table(few, None)
    assert (table["distance"] > 0.1).mean() > 0.9
    assert table["unlike_prior"].mean() < 0.1


def test_variance_is_precise_far_from_the_origin(tmp_path: Path) -> None:
    path = tmp_path / "z.npy"
    np.save(path, (normal_quantiles(5000)[:, np.newaxis] + 4096).astype(np.float32))
    (row,) = dimension_table(np.load(path, mmap_mode="r"), None).to_dict("records")
    assert row["activity"] == pytest.approx(1, rel=1e-3)
    assert row["distance"] == pytest.approx(1, abs=1e-5)


def test_one_image() -> None:
    one = np.zeros((1, 2), np.float32)
    assert posterior_metrics(dimension_table(one, None))["active_units"] == 0
