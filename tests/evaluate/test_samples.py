"""Samples of a latent space whose points are the images: two coordinates are two pixels."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from latent.classifier.network import Images
from latent.evaluate import samples as module
from latent.evaluate.likelihood import Posterior
from latent.evaluate.samples import (
    MEASURES,
    compare_samples,
    draw_points,
    fit_mixture,
    sample_metrics,
)
from latent.params import Evaluate, Params

COUNT = 300


@pytest.fixture(scope="module")
def section(params: Params) -> Evaluate:
    return params.evaluate.model_copy(
        update={"images": COUNT, "components": 2, "neighbours": 3, "seed": 5}
    )


@pytest.fixture(scope="module")
def decoder() -> keras.Model:
    z = layers.Input((2,))
    pixels = layers.Lambda(lambda x: keras.ops.clip(x, 0, 1), output_shape=(2,))(z)
    return keras.Model(z, layers.Reshape((1, 2, 1))(pixels))


@pytest.fixture(scope="module")
def classifier() -> keras.Model:
    images = layers.Input((1, 2, 1), dtype="uint8")
    pixels = layers.Flatten()(layers.Rescaling(1 / 255)(images))
    return keras.Model(images, [layers.Dense(1)(pixels), pixels])


def two_clusters(count: int, seed: int) -> tuple[Images, np.ndarray]:
    """Return images of two clusters, ordered by cluster, and their embeddings."""
    generator = np.random.default_rng(seed)
    centres = np.repeat([0.2, 0.8], count // 2)[:, np.newaxis]
    z = (centres + 0.03 * generator.standard_normal((count, 2))).astype(np.float32)
    return np.rint(z * 255).astype(np.uint8).reshape(-1, 1, 2, 1), z


def compared(
    decoder: keras.Model, classifier: keras.Model, section: Evaluate, log_var: float | None
) -> pd.DataFrame:
    splits = []
    for count, seed in ((4 * COUNT, 0), (2 * COUNT, 1)):
        images, z = two_clusters(count, seed)
        spread = None if log_var is None else np.full_like(z, log_var)
        splits.append((images, Posterior(z, spread)))
    return compare_samples(decoder, classifier, *splits, section).set_index("kind")


def test_box_and_mixture_of_an_autoencoder(
    decoder: keras.Model, classifier: keras.Model, section: Evaluate
) -> None:
    table = compared(decoder, classifier, section, log_var=None)
    assert table.index.tolist() == ["box", "mixture", "reconstructions", "real_images"]
    assert (table["images"] == COUNT).all()
    assert table["malformed"].tolist() == pytest.approx((1 - table["precision"]).tolist())
    # Most of the box is a hole. The data is sampled from a mixture of two components.
    assert table.loc["box", "precision"] < 0.4
    assert table.loc["mixture", "precision"] > 0.9
    assert table.loc["mixture", "frechet"] < table.loc["box", "frechet"] / 5
    # The decoder reconstructs the images exactly.
    assert table.loc["reconstructions", "frechet"] == pytest.approx(0, abs=1e-9)
    assert table.loc["reconstructions", ["precision", "recall", "coverage"]].tolist() == [1, 1, 1]
    # The first images of each split would be from one cluster only.
    assert table.loc["real_images", "coverage"] > 0.7
    assert table.loc["real_images", "frechet"] < 0.005


def test_prior_and_mixture_of_a_vae(
    decoder: keras.Model, classifier: keras.Model, section: Evaluate
) -> None:
    table = compared(decoder, classifier, section, log_var=-12.0)
    assert table.index.tolist() == ["prior", "mixture", "reconstructions", "real_images"]
    assert table.loc["prior", "precision"] < 0.3
    assert table.loc["mixture", "precision"] > 0.9
    metrics = sample_metrics(table.reset_index())
    assert metrics["prior/malformed"] == table.loc["prior", "malformed"]
    assert len(metrics) == 4 * len(MEASURES)


def test_results_depend_on_the_seed_only(
    decoder: keras.Model, classifier: keras.Model, section: Evaluate
) -> None:
    first = compared(decoder, classifier, section, log_var=None)
    pd.testing.assert_frame_equal(first, compared(decoder, classifier, section, log_var=None))
    other = section.model_copy(update={"seed": 6})
    assert not first.equals(compared(decoder, classifier, other, log_var=None))


def test_too_few_images(
    decoder: keras.Model,
    classifier: keras.Model,
    section: Evaluate,
    caplog: pytest.LogCaptureFixture,
) -> None:
    images, z = two_clusters(4, 0)
    splits = [(images[:3], Posterior(z[:3], None)), (images, Posterior(z, None))]
    table = compare_samples(decoder, classifier, *splits, section)
    assert table.empty
    assert "3 images are too few for evaluate.neighbours=3" in caplog.text
    assert sample_metrics(table) == {}
    splits[0] = (images, Posterior(z, None))
    assert len(compare_samples(decoder, classifier, *splits, section)) == 4


def test_mixture_is_fitted_to_sampled_points_of_a_vae(section: Evaluate) -> None:
    mean = np.repeat(np.array([[-9, 0], [9, 0]], np.float32), 2000, axis=0)
    embedded = Posterior(mean, np.full_like(mean, np.log(0.25)))
    mixture = fit_mixture(embedded, section)
    assert sorted(np.rint(mixture.means_[:, 0])) == [-9, 9]
    for covariance in mixture.covariances_:
        np.testing.assert_allclose(covariance, 0.25 * np.eye(2), atol=0.03)


def test_mixture_of_identical_points(section: Evaluate) -> None:
    points = draw_points(Posterior(np.full((20, 3), 7, np.float32), None), 5, section)
    assert points["mixture"].dtype == np.float32
    np.testing.assert_allclose(points["mixture"], 7, atol=0.01)
    np.testing.assert_array_equal(points["box"], 7)


def test_mixture_is_fitted_to_a_limited_number_of_embeddings(
    section: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    mean = np.random.default_rng(0).standard_normal((400, 20)).astype(np.float32)
    monkeypatch.setattr(module, "MAX_FITTED", 100)
    rows = module.some_rows(400, 100, section.seed)
    whole, some = (fit_mixture(Posterior(z, None), section) for z in (mean, mean[rows]))
    np.testing.assert_array_equal(whole.means_, some.means_)
    # In 20 dimensions, the covariances are diagonal.
    assert whole.covariances_.shape == (2, 20)
