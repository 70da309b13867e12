"""The chapter's code on Keras 3 has the same losses as the project."""

from typing import Any

import keras
import numpy as np
import pytest

from benchmarks.training.plain import build_networks, build_vae
from latent.models.networks import build_decoder, build_variational_encoder
from latent.params import TrainVAE
from latent.training.vae import VAE

SHAPE = (16, 16, 1)
PIXELS = np.random.default_rng(1).integers(0, 256, (12, *SHAPE), np.uint8)
IMAGES = PIXELS.astype(np.float32) / np.float32(255)


@pytest.fixture
def section(tiny_architecture: TrainVAE) -> TrainVAE:
    return tiny_architecture.model_copy(update={"block": ["conv", "batch_norm", "leaky_relu"]})


@pytest.fixture
def plain(section: TrainVAE) -> Any:
    encoder, decoder = build_networks(keras, section, SHAPE)
    return build_vae(keras, encoder, decoder, section)


def test_test_loss_equals_that_of_the_project(plain: Any, section: TrainVAE) -> None:
    # With almost no variance, both sample the same z.
    *_, z_log_var, _ = plain.encoder.layers
    kernel, bias = z_log_var.get_weights()
    z_log_var.set_weights([np.zeros_like(kernel), np.full_like(bias, -20)])
    networks = (
        build_variational_encoder(section, SHAPE, seed=0),
        build_decoder(section, SHAPE),
    )
    for network, source in zip(networks, (plain.encoder, plain.decoder), strict=True):
        network.set_weights(source.get_weights())
    project = VAE(*networks, section.loss, section.reconstruction_weight)
    project.compile()
    expected = project.evaluate(PIXELS, verbose=0, return_dict=True)
    loss, reconstruction, kl = plain.measure(IMAGES, training=False)
    assert float(loss) == pytest.approx(expected["loss"], rel=1e-4)
    assert float(kl) == pytest.approx(expected["kl_loss"], rel=1e-4)
    assert float(reconstruction) == pytest.approx(expected["reconstruction_loss"], rel=1e-4)


def test_test_loss_uses_sampled_z(plain: Any) -> None:
    first, second = (float(plain.measure(IMAGES, training=False)[1]) for _ in range(2))
    assert first != second


def test_measure_updates_weights_only_in_training_mode(plain: Any) -> None:
    before = plain.get_weights()
    plain.measure(IMAGES, training=False)
    assert all(map(np.array_equal, before, plain.get_weights()))
    plain.measure(IMAGES, training=True)
    assert not all(map(np.array_equal, before, plain.get_weights()))
