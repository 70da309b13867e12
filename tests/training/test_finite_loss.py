"""Losses that stop being numbers end a training, and nothing broken is kept."""

import math
import re
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from tiny_training import (
    HELD_OUT,
    SHAPE,
    TRAIN_IMAGES,
    Images,
    Z,
    make_autoencoder,
    make_vae,
    names,
)

from latent.errors import InputError
from latent.models.finite_loss import ADVICE, StopOnNonFiniteLoss
from latent.models.layers import LOG_VAR_BOUNDS, bounded
from latent.models.losses import kl_divergence
from latent.params import TrainVAE
from latent.training import vae
from latent.training.checkpoints import Checkpoints
from latent.training.loop import train
from latent.training.metrics import COLLAPSED_BELOW, is_collapsed
from latent.training.progress import Progress

WHITE = np.full(SHAPE, 255, np.uint8)


@pytest.fixture(scope="module")
def small(tiny_architecture: TrainVAE) -> TrainVAE:
    return tiny_architecture.model_copy(update={"epochs": 3})


def break_on_white(model: keras.Model, broken: float) -> keras.Model:
    """Give `model` a reconstruction loss that is `broken` for a white image."""
    reconstruction = model.reconstruction

    def losses(images: keras.KerasTensor, reconstructions: keras.KerasTensor) -> object:
        white = ops.mean(images, axis=(1, 2, 3)) > 0.99
        return ops.where(white, broken, reconstruction(images, reconstructions))

    model.reconstruction = losses
    return model


def fail(
    model: keras.Model,
    params: TrainVAE,
    scratch: Path,
    images: Images = TRAIN_IMAGES,
    held_out: Images = HELD_OUT,
    *,
    tell: Callable[[int], None] = lambda epoch: None,
) -> tuple[str, Progress]:
    """Return how the training ended, and what was kept."""
    progress = Progress(Z, lambda rows, samples: tell(len(rows)))
    with pytest.raises(InputError) as caught:
        train(model, images, held_out, params, progress, Checkpoints(scratch, 1, progress))
    message = str(caught.value)
    assert "\n" not in message
    assert ADVICE in message
    assert "learning_rate" in message
    return message, progress


def told_losses(message: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"(\w*loss) (-?[\w.+-]+)", message)}


@pytest.mark.parametrize("broken", [math.nan, math.inf])
@pytest.mark.parametrize("make", [make_autoencoder, make_vae])
def test_a_broken_training_loss_ends_the_epoch_that_it_is_in(
    small: TrainVAE, tmp_path: Path, make: Callable[[TrainVAE], keras.Model], broken: float
) -> None:
    images = TRAIN_IMAGES.copy()

    def spoil(epoch: int) -> None:
        if epoch == 1:
            images[20] = WHITE

    scratch = tmp_path / "scratch"
    model = break_on_white(make(small), broken)
    message, progress = fail(model, small, scratch, images, tell=spoil)
    assert "epoch 2, steps 1 to 6 of 6" in message
    losses = told_losses(message)
    for name in ("loss", "reconstruction_loss"):
        assert not math.isfinite(losses[name])
    if "kl_loss" in losses:
        assert math.isfinite(losses["kl_loss"])
    # Of the epoch before, all was kept; of this one, nothing.
    assert [row["epoch"] for row in progress.rows] == [1]
    assert len(progress.samples) == 1
    assert names(scratch) == ["epoch-0001"]


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_broken_kl_term_is_told_as_such(
    small: TrainVAE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: float
) -> None:
    monkeypatch.setattr(vae, "kl_divergence", lambda *moments: broken + kl_divergence(*moments))
    scratch = tmp_path / "scratch"
    message, progress = fail(make_vae(small), small, scratch)
    assert "epoch 1, steps 1 to 6 of 6" in message
    losses = told_losses(message)
    assert not math.isfinite(losses["kl_loss"])
    assert math.isfinite(losses["reconstruction_loss"])
    assert progress.rows == progress.samples == []
    assert not scratch.exists()


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_broken_held_out_loss_keeps_nothing_of_its_epoch(
    small: TrainVAE, tmp_path: Path, broken: float
) -> None:
    held_out = np.concatenate([HELD_OUT, WHITE[np.newaxis]])
    scratch = tmp_path / "scratch"
    model = break_on_white(make_vae(small), broken)
    message, progress = fail(model, small, scratch, held_out=held_out)
    assert "epoch 1, on held-out images" in message
    losses = told_losses(message)
    assert math.isfinite(losses["loss"])
    assert not math.isfinite(losses["val_loss"])
    assert progress.rows == progress.samples == []
    assert not scratch.exists()


def test_a_learning_rate_that_is_far_too_large_is_told_of(small: TrainVAE, tmp_path: Path) -> None:
    params = small.model_copy(update={"learning_rate": 1e30})
    message, _ = fail(make_autoencoder(params), params, tmp_path / "scratch")
    assert message.startswith("epoch 1, steps 1 to 6 of 6")


def test_the_losses_that_are_told_are_those_of_the_steps() -> None:
    stop = StopOnNonFiniteLoss()
    stop.set_params({"steps": 9})
    stop.on_epoch_begin(4)
    stop.on_train_batch_end(0, {"loss": 1.0, "kl_loss": 2.0})
    stop.on_train_batch_end(2, {"loss": 1.0, "kl_loss": 3.0})
    with pytest.raises(InputError) as caught:
        # Keras tells means: if three steps have 3 and five have 5, the last two have 8.
        stop.on_train_batch_end(4, {"loss": math.nan, "kl_loss": 5.0})
    assert "epoch 5, steps 4 to 5 of 9: loss nan, kl_loss 8;" in str(caught.value)


def test_numbers_as_they_should_be_stop_nothing() -> None:
    stop = StopOnNonFiniteLoss()
    stop.set_params({"steps": 2})
    stop.on_epoch_begin(0)
    stop.on_train_batch_end(0, {"loss": 0.0, "kl_loss": -1e30})
    stop.on_train_batch_end(1, None)
    stop.on_epoch_end(0, {"loss": 0.0, "val_loss": 1e30})
    stop.on_epoch_end(0, None)


def test_log_variances_as_models_have_them_stay_as_they_are() -> None:
    low, high = LOG_VAR_BOUNDS
    generator = np.random.default_rng(1)
    tiny = np.finfo(np.float32).tiny  # what is smaller, TensorFlow takes for 0
    special = [0.0, -0.0, tiny, -tiny, low, high, np.nextafter(np.float32(high), np.float32(0))]
    values = np.concatenate([special, generator.uniform(low, high, 10_000)]).astype(np.float32)
    found = ops.convert_to_numpy(bounded(values))
    assert found.dtype == np.float32
    # As bytes, to which −0 is not 0.
    assert found.tobytes() == values.tobytes()


def test_log_variances_out_of_bounds_are_the_bounds() -> None:
    values = np.array([-1e4, np.nextafter(np.float32(20), np.float32(21)), np.inf], np.float32)
    np.testing.assert_array_equal(ops.convert_to_numpy(bounded(values)), [-30, 20, 20])


@pytest.mark.parametrize("log_var", [-1e4, 1e4])
def test_extreme_log_variances_leave_losses_and_gradients_finite(
    small: TrainVAE, log_var: float
) -> None:
    model = make_vae(small)
    layer = model.encoder.get_layer("z_log_var")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel, np.full_like(bias, log_var)])
    model.compile(optimizer=keras.optimizers.SGD(1e-9))
    model.build((None, *SHAPE))
    before = model.get_weights()
    losses = model.train_on_batch(TRAIN_IMAGES[:8], return_dict=True)
    assert all(math.isfinite(loss) for loss in losses.values())
    _, z_log_var, _ = model.encoder.predict_on_batch(TRAIN_IMAGES[:8] / np.float32(255))
    assert set(z_log_var.ravel()) == {np.sign(log_var) * abs(LOG_VAR_BOUNDS[int(log_var > 0)])}
    after = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    assert any((new != old).any() for new, old in zip(after, before, strict=True))


@pytest.mark.parametrize(
    ("kl_loss", "collapsed"),
    [(0.0, True), (COLLAPSED_BELOW * 0.99, True), (COLLAPSED_BELOW, False), (5.4, False)],
)
def test_a_posterior_has_collapsed_where_its_divergence_is_next_to_nothing(
    kl_loss: float, collapsed: bool
) -> None:
    assert is_collapsed(kl_loss) is collapsed
