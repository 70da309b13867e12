"""Final metrics of a training."""

import math

import pandas as pd
import pytest

from latent.models.networks import build_decoder, build_encoder
from latent.params import TrainVAE
from latent.training.metrics import final_metrics

# The images have 8 · 8 · 1 = 64 values.
SHAPE = (8, 8, 1)


def test_losses_of_the_last_epoch_are_converted_to_nats(tiny_architecture: TrainVAE) -> None:
    encoder = build_encoder(tiny_architecture, SHAPE)
    decoder = build_decoder(tiny_architecture, SHAPE)
    history = pd.DataFrame(
        {
            "epoch": [1, 2],
            "train/loss": [9.0, 8.0],
            "test/loss": [9.5, 8.5],
            "test/reconstruction_loss": [6.0, 5.0],
            "test/kl_loss": [3.5, 3.5],
        }
    )
    metrics = final_metrics(history, encoder, decoder, "bce", weight=10.0, steps=100)
    assert metrics["train/loss"] == 8.0
    assert metrics["test/loss"] == 8.5
    assert "epoch" not in metrics
    # The loss 5 is 10 times a mean of 0.5 nats over 64 values: 64 · 0.5 = 32.
    assert metrics["test/reconstruction_nats"] == pytest.approx(32.0)
    assert metrics["test/elbo_nats"] == pytest.approx(-35.5)
    assert metrics["beta"] == pytest.approx(6.4)
    assert metrics["parameters/encoder"] == encoder.count_params()

    gaussian = final_metrics(history, encoder, decoder, "mse", weight=10.0, steps=100)
    # ½ · 64 · 0.5 + 32 · log 2π
    expected = 16.0 + 32.0 * math.log(2.0 * math.pi)
    assert gaussian["test/reconstruction_nats"] == pytest.approx(expected)
    assert gaussian["beta"] == pytest.approx(3.2)


def test_an_autoencoder_has_no_elbo(tiny_architecture: TrainVAE) -> None:
    encoder = build_encoder(tiny_architecture, SHAPE)
    decoder = build_decoder(tiny_architecture, SHAPE)
    history = pd.DataFrame({"epoch": [1], "test/loss": [0.25], "test/reconstruction_loss": [0.25]})
    metrics = final_metrics(history, encoder, decoder, "bce", weight=None, steps=100)
    assert metrics["test/reconstruction_nats"] == pytest.approx(16.0)
    assert not {"beta", "test/elbo_nats"} & metrics.keys()
    assert "posterior_collapsed" not in metrics


@pytest.mark.parametrize(("kl_loss", "collapsed"), [(0.01, 1), (3.5, 0)])
def test_a_collapsed_posterior_is_reported(
    tiny_architecture: TrainVAE, kl_loss: float, collapsed: int
) -> None:
    encoder = build_encoder(tiny_architecture, SHAPE)
    decoder = build_decoder(tiny_architecture, SHAPE)
    columns = {"test/loss": [5.0], "test/reconstruction_loss": [5.0], "test/kl_loss": [kl_loss]}
    history = pd.DataFrame({"epoch": [1], **columns})
    metrics = final_metrics(history, encoder, decoder, "bce", weight=10.0, steps=100)
    assert metrics["posterior_collapsed"] == collapsed


@pytest.mark.parametrize(
    ("block", "steps", "train_kl", "test_kl", "few", "collapsed"),
    [
        # Thirty photos: the posteriors of the training images have not collapsed.
        (["conv", "batch_norm"], 5, 8.2, 0.04, True, 0),
        (["conv", "batch_norm"], 43, 8.2, 0.04, True, 0),
        (["conv", "batch_norm"], 5, 0.05, 0.04, True, 1),
        (["conv", "batch_norm"], 5, 8.2, 3.5, True, 0),
        # The moving averages have settled, so the test images decide.
        (["conv", "batch_norm"], 44, 8.2, 0.04, False, 1),
        (["conv"], 5, 8.2, 0.04, False, 1),
    ],
)
def test_few_steps_are_distinguished_from_a_collapsed_posterior(
    tiny_architecture: TrainVAE,
    block: list[str],
    steps: int,
    train_kl: float,
    test_kl: float,
    few: bool,
    collapsed: int,
) -> None:
    params = tiny_architecture.model_copy(update={"block": block})
    losses = {
        "test/reconstruction_loss": [5.0],
        "train/kl_loss": [train_kl],
        "test/kl_loss": [test_kl],
    }
    metrics = final_metrics(
        pd.DataFrame({"epoch": [1], **losses}),
        build_encoder(params, SHAPE),
        build_decoder(params, SHAPE),
        "bce",
        weight=10.0,
        steps=steps,
    )
    assert ("too_few_steps" in metrics) == few
    assert metrics.get("too_few_steps", 1) == 1
    assert metrics["posterior_collapsed"] == collapsed
