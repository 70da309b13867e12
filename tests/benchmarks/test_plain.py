"""The chapter's code, on Keras 3: that it is measured as the project is."""

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


def test_the_held_out_loss_is_the_project_s(plain: Any, section: TrainVAE) -> None:
    # Hardly any noise, so that both see the same z.
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


def test_the_held_out_loss_is_of_sampled_points(plain: Any) -> None:
    first, second = (float(plain.measure(IMAGES, training=False)[1]) for _ in range(2))
    assert first != second


def test_to_measure_is_not_to_train(plain: Any) -> None:
    before = plain.get_weights()
    plain.measure(IMAGES, training=False)
    assert all(map(np.array_equal, before, plain.get_weights()))
    plain.measure(IMAGES, training=True)
    assert not all(map(np.array_equal, before, plain.get_weights()))
