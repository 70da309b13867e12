"""Embeddings in files, compared with the outputs of the encoder."""

from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from latent.latent_space.embedding import embed, embedding_metrics
from latent.models.networks import build_encoder, build_variational_encoder
from latent.params import TrainVAE

SHAPE = (8, 8, 3)


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (23, *SHAPE), np.uint8)


@pytest.fixture(scope="module")
def vae_encoder(tiny_architecture: TrainVAE) -> keras.Model:
    keras.utils.set_random_seed(1)
    return build_variational_encoder(tiny_architecture, SHAPE, 1)


@pytest.fixture(scope="module")
def ae_encoder(tiny_architecture: TrainVAE) -> keras.Model:
    keras.utils.set_random_seed(1)
    return build_encoder(tiny_architecture, SHAPE)


@pytest.mark.parametrize("batch_size", [2, 5, 23, 100])
def test_embeddings_of_a_vae(
    vae_encoder: keras.Model, images: NDArray[np.uint8], tmp_path: Path, batch_size: int
) -> None:
    embed(vae_encoder, images, batch_size, tmp_path, "test")
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["test_z_log_var.npy", "test_z_mean.npy"]
    z_mean, z_log_var, _ = vae_encoder.predict(images / np.float32(255), verbose=0)
    for name, expected in (("z_mean", z_mean), ("z_log_var", z_log_var)):
        embeddings = np.load(tmp_path / f"test_{name}.npy")
        assert embeddings.dtype == np.float32
        assert embeddings.shape == (23, 2)
        np.testing.assert_allclose(embeddings, expected, rtol=1e-5, atol=1e-6)
    assert len(np.unique(np.load(tmp_path / "test_z_mean.npy"), axis=0)) == 23


def test_embeddings_of_an_autoencoder(
    ae_encoder: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    embed(ae_encoder, images, 5, tmp_path, "train")
    assert [path.name for path in tmp_path.iterdir()] == ["train_z_mean.npy"]
    expected = ae_encoder.predict(images / np.float32(255), verbose=0)
    embeddings = np.load(tmp_path / "train_z_mean.npy")
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(embeddings, expected, rtol=1e-5, atol=1e-6)


def test_images_may_be_memory_mapped(
    ae_encoder: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    np.save(tmp_path / "images.npy", images)
    embed(ae_encoder, np.load(tmp_path / "images.npy", mmap_mode="r"), 5, tmp_path, "mapped")
    embed(ae_encoder, images, 5, tmp_path, "array")
    mapped, array = (tmp_path / f"{name}_z_mean.npy" for name in ("mapped", "array"))
    assert mapped.read_bytes() == array.read_bytes()


def test_metrics_by_hand() -> None:
    z_mean = np.array([[2, 4], [4, 4], [3, -5], [3, 13]], np.float32)
    # Mean (3, 4), with distance 5 from the origin. Variances 2/4 and 162/4, with mean 20.5.
    assert embedding_metrics(z_mean) == pytest.approx(
        {
            "embedding/mean_norm": 5.0,
            "embedding/std": 20.5**0.5,
            "embedding/abs_max": 13.0,
        }
    )


def test_abs_max_includes_negative_coordinates() -> None:
    z_mean = np.array([[1, -7], [2, 3]], np.float32)
    assert embedding_metrics(z_mean)["embedding/abs_max"] == 7.0
