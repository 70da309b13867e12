"""Peak signal-to-noise ratios of noisy, denoised and reconstructed images."""

import math
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from numpy.typing import NDArray

from latent.evaluate.denoising import denoising_metrics, psnr
from latent.models.inference import BATCH_SIZE, denoise

Images = NDArray[np.uint8]

SHAPE = (4, 4, 1)
GREY = 127  # far enough from black and white: no noise is clipped
STD = 0.1
IMAGES = np.random.default_rng(0).integers(0, 256, (BATCH_SIZE + 44, *SHAPE), np.uint8)


def make_identity() -> tuple[keras.Model, keras.Model]:
    """Return an autoencoder that returns its input, clipped to [0, 1]."""
    images, z = layers.Input(SHAPE), layers.Input((16,))
    decoded = layers.ReLU(max_value=1)(layers.Reshape(SHAPE)(z))
    return keras.Model(images, layers.Flatten()(images)), keras.Model(z, decoded)


def make_black() -> tuple[keras.Model, keras.Model]:
    """Return an autoencoder whose reconstructions are black."""
    encoder, _ = make_identity()
    z = layers.Input((16,))
    black = layers.Dense(16, kernel_initializer="zeros")(z)
    return encoder, keras.Model(z, layers.Reshape(SHAPE)(black))


def grey(count: int) -> Images:
    return np.full((count, *SHAPE), GREY, np.uint8)


@pytest.mark.parametrize(("error", "decibels"), [(1, 0), (0.1, 10), (0.01, 20), (0.5, 3.0103)])
def test_psnr_of_a_known_error(error: float, decibels: float) -> None:
    assert psnr(error) == pytest.approx(decibels, abs=1e-4)


def test_psnr_is_limited_by_the_rounding_error() -> None:
    assert psnr(0) == pytest.approx(58.92, abs=0.01)
    shades = np.random.default_rng(0).random(100_000)
    rounded = np.rint(shades * 255) / 255
    assert psnr(np.square(shades - rounded).mean()) == pytest.approx(psnr(0), abs=0.05)


def test_identity_removes_no_noise() -> None:
    metrics = denoising_metrics(*make_identity(), grey(500), STD, seed=1)
    assert list(metrics) == [
        "psnr_noisy",
        "psnr_denoised",
        "psnr_reconstructed",
    ]
    # 8,000 pixels: three standard errors of a variance are 0.2 dB.
    assert metrics["psnr_noisy"] == pytest.approx(20, abs=0.2)
    assert metrics["psnr_denoised"] == pytest.approx(metrics["psnr_noisy"], abs=0.01)
    assert metrics["psnr_reconstructed"] == psnr(0)


def test_error_of_black_reconstructions_is_the_image() -> None:
    metrics = denoising_metrics(*make_black(), IMAGES, STD, seed=1)
    expected = psnr(np.square(IMAGES / 255).mean())
    assert metrics["psnr_denoised"] == pytest.approx(expected, abs=1e-9)
    assert metrics["psnr_reconstructed"] == pytest.approx(expected, abs=1e-9)


def test_errors_are_means_over_all_images_of_all_batches() -> None:
    encoder, decoder = make_identity()
    batches = list(denoise(encoder, decoder, IMAGES, STD, seed=1))
    assert [len(noisy) for noisy, _ in batches] == [BATCH_SIZE, 44]
    noisy, denoised = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert noisy.dtype == np.float32
    assert denoised.dtype == np.uint8
    metrics = denoising_metrics(encoder, decoder, IMAGES, STD, seed=1)
    for name, compared in (("noisy", noisy), ("denoised", denoised / 255)):
        error = float(np.square(compared - IMAGES / 255).mean())
        assert metrics[f"psnr_{name}"] == pytest.approx(-10 * math.log10(error))


def test_noise_is_a_function_of_the_seed_and_differs_from_batch_to_batch() -> None:
    models, images = make_identity(), grey(2 * BATCH_SIZE)
    first, second = (noisy for noisy, _ in denoise(*models, images, STD, seed=1))
    again, _ = (noisy for noisy, _ in denoise(*models, images, STD, seed=1))
    other, _ = (noisy for noisy, _ in denoise(*models, images, STD, seed=2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)
    assert denoising_metrics(*models, images, STD, 1) == denoising_metrics(*models, images, STD, 1)


def test_single_memory_mapped_image(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", IMAGES[:1])
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    models = make_identity()
    metrics = denoising_metrics(*models, mapped, STD, seed=1)
    assert metrics == denoising_metrics(*models, IMAGES[:1], STD, seed=1)
    assert all(math.isfinite(value) for value in metrics.values())
