"""A NaN or infinite loss ends a training before the epoch is saved."""

import math
import re
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from tiny_training import (
    SHAPE,
    TEST_IMAGES,
    TRAIN_IMAGES,
    Images,
    Z,
    file_names,
    make_autoencoder,
    make_vae,
)

from latent.errors import InputError
from latent.models.finite_loss import StopOnNonFiniteLoss
from latent.models.layers import LOG_VAR_BOUNDS, bounded
from latent.models.losses import kl_divergence
from latent.params import TrainVAE
from latent.training import vae
from latent.training.checkpoints import Checkpoints
from latent.training.loop import train
from latent.training.metrics import COLLAPSED_BELOW, is_collapsed
from latent.training.progress import Progress
from latent.training.vae import VAE

WHITE = np.full(SHAPE, 255, np.uint8)


@pytest.fixture(scope="module")
def small(tiny_architecture: TrainVAE) -> TrainVAE:
    return tiny_architecture.model_copy(update={"epochs": 3})


def fail_on_white(model: keras.Model, value: float) -> keras.Model:
    """Replace the reconstruction loss of white images by `value`."""
    reconstruction = model.reconstruction

    def losses(images: keras.KerasTensor, reconstructions: keras.KerasTensor) -> object:
        white = ops.mean(images, axis=(1, 2, 3)) > 0.99
        return ops.where(white, value, reconstruction(images, reconstructions))

    model.reconstruction = losses
    return model


def run_failing_training(
    model: keras.Model,
    params: TrainVAE,
    folder: Path,
    images: Images = TRAIN_IMAGES,
    test_images: Images = TEST_IMAGES,
    *,
    on_epoch_end: Callable[[int], None] = lambda epoch: None,
) -> tuple[str, Progress]:
    """Return the error message and the progress of a training that raises InputError."""
    progress = Progress(Z, lambda rows, samples: on_epoch_end(len(rows)))
    with pytest.raises(InputError) as caught:
        train(model, images, test_images, params, progress, Checkpoints(folder, 1, progress))
    message = str(caught.value)
    assert "\n" not in message
    # Only a VAE has a reconstruction weight.
    weight = " or a smaller reconstruction_weight" * isinstance(model, VAE)
    assert message.endswith(f"the epoch is not saved; try a smaller learning_rate{weight}")
    return message, progress


def losses_in(message: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"(\w*loss) (-?[\w.+-]+)", message)}


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("make", [make_autoencoder, make_vae])
def test_a_non_finite_training_loss_ends_its_epoch(
    small: TrainVAE, tmp_path: Path, make: Callable[[TrainVAE], keras.Model], value: float
) -> None:
    images = TRAIN_IMAGES.copy()

    def insert_white_image(epoch: int) -> None:
        if epoch == 1:
            images[20] = WHITE

    folder = tmp_path / "checkpoints"
    model = fail_on_white(make(small), value)
    message, progress = run_failing_training(
        model, small, folder, images, on_epoch_end=insert_white_image
    )
    assert "epoch 2, steps 1 to 6 of 6" in message
    losses = losses_in(message)
    for name in ("loss", "reconstruction_loss"):
        assert not math.isfinite(losses[name])
    if "kl_loss" in losses:
        assert math.isfinite(losses["kl_loss"])
    # The first epoch was saved completely, the second not at all.
    assert [row["epoch"] for row in progress.rows] == [1]
    assert len(progress.samples) == 1
    assert file_names(folder) == ["epoch-0001"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_non_finite_kl_term_is_named(
    small: TrainVAE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    monkeypatch.setattr(vae, "kl_divergence", lambda *moments: value + kl_divergence(*moments))
    folder = tmp_path / "checkpoints"
    message, progress = run_failing_training(make_vae(small), small, folder)
    assert "epoch 1, steps 1 to 6 of 6" in message
    losses = losses_in(message)
    assert not math.isfinite(losses["kl_loss"])
    assert math.isfinite(losses["reconstruction_loss"])
    assert progress.rows == progress.samples == []
    assert not folder.exists()


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_epoch_with_a_non_finite_test_loss_is_not_saved(
    small: TrainVAE, tmp_path: Path, value: float
) -> None:
    test_images = np.concatenate([TEST_IMAGES, WHITE[np.newaxis]])
    folder = tmp_path / "checkpoints"
    model = fail_on_white(make_vae(small), value)
    message, progress = run_failing_training(model, small, folder, test_images=test_images)
    assert "epoch 1, on test images" in message
    losses = losses_in(message)
    assert math.isfinite(losses["loss"])
    assert not math.isfinite(losses["val_loss"])
    assert progress.rows == progress.samples == []
    assert not folder.exists()


def test_a_far_too_large_learning_rate_is_reported(small: TrainVAE, tmp_path: Path) -> None:
    params = small.model_copy(update={"learning_rate": 1e30})
    message, _ = run_failing_training(make_autoencoder(params), params, tmp_path / "checkpoints")
    assert message.startswith("epoch 1, steps 1 to 6 of 6")


def test_the_message_contains_the_mean_losses_of_the_failed_steps() -> None:
    stop = StopOnNonFiniteLoss()
    stop.set_params({"steps": 9})
    stop.on_epoch_begin(4)
    stop.on_train_batch_end(0, {"loss": 1.0, "kl_loss": 2.0})
    stop.on_train_batch_end(2, {"loss": 1.0, "kl_loss": 3.0})
    with pytest.raises(InputError) as caught:
        # Keras reports means since the start of the epoch. If the mean of three steps is 3 and that
        # of five steps is 5, the mean of the last two is 8.
        stop.on_train_batch_end(4, {"loss": math.nan, "kl_loss": 5.0})
    assert "epoch 5, steps 4 to 5 of 9: loss nan, kl_loss 8;" in str(caught.value)


def test_finite_losses_do_not_stop_the_training() -> None:
    stop = StopOnNonFiniteLoss()
    stop.set_params({"steps": 2})
    stop.on_epoch_begin(0)
    stop.on_train_batch_end(0, {"loss": 0.0, "kl_loss": -1e30})
    stop.on_train_batch_end(1, None)
    stop.on_epoch_end(0, {"loss": 0.0, "val_loss": 1e30})
    stop.on_epoch_end(0, None)


def test_log_variances_within_the_bounds_are_unchanged() -> None:
    low, high = LOG_VAR_BOUNDS
    generator = np.random.default_rng(1)
    tiny = np.finfo(np.float32).tiny  # TensorFlow rounds smaller numbers to 0
    special = [0.0, -0.0, tiny, -tiny, low, high, np.nextafter(np.float32(high), np.float32(0))]
    values = np.concatenate([special, generator.uniform(low, high, 10_000)]).astype(np.float32)
    found = ops.convert_to_numpy(bounded(values))
    assert found.dtype == np.float32
    # Compared as bytes, which differ for −0 and 0.
    assert found.tobytes() == values.tobytes()


def test_log_variances_out_of_bounds_are_clipped() -> None:
    values = np.array([-1e4, np.nextafter(np.float32(20), np.float32(21)), np.inf], np.float32)
    np.testing.assert_array_equal(ops.convert_to_numpy(bounded(values)), [-30, 20, 20])


@pytest.mark.parametrize("log_var", [-1e4, 1e4])
def test_losses_and_gradients_are_finite_for_extreme_log_variances(
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
def test_a_posterior_with_a_very_small_kl_divergence_has_collapsed(
    kl_loss: float, collapsed: bool
) -> None:
    assert is_collapsed(kl_loss) is collapsed
