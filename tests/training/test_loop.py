"""Training: order of the images, losses of an epoch, and reproducible results."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray
from tiny_training import (
    SHAPE,
    TEST_IMAGES,
    TRAIN_IMAGES,
    Images,
    Trained,
    Z,
    make_autoencoder,
    make_vae,
    run_training,
)

from latent.models import feeding
from latent.models.feeding import feed
from latent.models.inference import decode
from latent.models.layers import Sampling
from latent.params import TrainVAE
from latent.training import image_model
from latent.training import loop as training
from latent.training.image_model import fits_on_device
from latent.training.loop import TEST_EPOCH, Batches, StartEpoch
from latent.training.progress import history_name

Floats = NDArray[np.floating]


@pytest.fixture(scope="module")
def small(tiny_architecture: TrainVAE) -> TrainVAE:
    return tiny_architecture.model_copy(update={"epochs": 3, "learning_rate": 0.02})


@pytest.fixture(scope="module")
def autoencoder(small: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run_training(make_autoencoder(small), small, tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def vae(small: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run_training(make_vae(small), small, tmp_path_factory.mktemp("checkpoints"))


# The order of the images


def numbered(count: int, shape: tuple[int, int, int] = (1, 1, 1)) -> Images:
    """Images whose pixels all equal the number of the image."""
    numbers = np.arange(count, dtype=np.uint8)[:, np.newaxis, np.newaxis, np.newaxis]
    return np.broadcast_to(numbers, (count, *shape)).copy()


def orders(batches: Batches, epochs: int) -> list[list[int]]:
    """Return the numbers of the images in the order of each epoch."""
    found = []
    for epoch in range(epochs):
        batches.start(epoch)
        numbers = [batches[index][0][:, 0, 0, 0] for index in range(len(batches))]
        found.append(np.concatenate(numbers).tolist())
    return found


def test_every_image_occurs_once_per_epoch() -> None:
    for order in orders(Batches(numbered(23), 5, seed=1), 3):
        assert sorted(order) == list(range(23))


def test_order_depends_on_seed_and_epoch_only() -> None:
    epochs = orders(Batches(numbered(23), 5, seed=1), 3)
    assert orders(Batches(numbered(23), 7, seed=1), 3) == epochs
    assert len({tuple(order) for order in epochs}) == 3
    assert orders(Batches(numbered(23), 5, seed=2), 1) != epochs[:1]


def test_last_batch_may_be_shorter() -> None:
    batches = Batches(numbered(23), 5, seed=1)
    assert [len(batches[index][0]) for index in range(len(batches))] == [5, 5, 5, 5, 3]
    assert len(Batches(numbered(20), 5)) == 4
    assert len(Batches(numbered(1), 5)) == 1


def test_with_batch_normalisation_no_batch_of_an_epoch_is_small() -> None:
    batches = Batches(numbered(17), 8, seed=1, batch_norm=True)
    assert [len(batches[index][0]) for index in range(len(batches))] == [5, 6, 6]
    # The order of the images does not depend on the batches.
    assert orders(batches, 3) == orders(Batches(numbered(17), 8, seed=1), 3)


@pytest.mark.parametrize(
    ("block", "sizes"), [(["conv"], [8, 8, 1]), (["conv", "batch_norm"], [5, 6, 6])]
)
def test_training_uses_the_batches_that_suit_the_model(
    small: TrainVAE,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    block: list[str],
    sizes: list[int],
) -> None:
    recorded: list[int] = []

    class RecordedBatches(Batches):
        def __getitem__(self, index: int) -> tuple[Images]:
            batch = super().__getitem__(index)
            if self.seed is not None:
                recorded.append(len(batch[0]))
            return batch

    monkeypatch.setattr(training, "Batches", RecordedBatches)
    params = small.model_copy(update={"block": block, "epochs": 2})
    trained = run_training(make_vae(params), params, tmp_path, images=numbered(17, SHAPE))
    assert recorded[-6:] == sizes * 2
    assert int(trained.model.optimizer.iterations) == 6


def test_images_keep_their_order_without_a_seed() -> None:
    assert orders(Batches(numbered(23), 5), 2) == [list(range(23))] * 2


def test_batches_are_uint8_and_have_no_targets() -> None:
    (images,) = Batches(numbered(5), 5, seed=1)[0]
    assert images.dtype == np.uint8
    assert images.shape == (5, 1, 1, 1)


@pytest.mark.parametrize("seed", [None, 1])
def test_batches_of_a_memory_map(tmp_path: Path, seed: int | None) -> None:
    np.save(tmp_path / "images.npy", numbered(23))
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    assert orders(Batches(mapped, 5, seed), 2) == orders(Batches(numbered(23), 5, seed), 2)


def test_training_uses_the_order_of_each_epoch(
    small: TrainVAE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first epoch has the first order, and Keras does not shuffle the batches again."""
    recorded: list[list[int]] = []

    class RecordedBatches(Batches):
        def __getitem__(self, index: int) -> tuple[Images]:
            batch = super().__getitem__(index)
            if self.seed is not None:
                recorded.append(batch[0][:, 0, 0, 0].tolist())
            return batch

    images = numbered(23, SHAPE)
    expected = orders(Batches(images, 8, small.seed), 2)
    monkeypatch.setattr(training, "Batches", RecordedBatches)
    two_epochs = small.model_copy(update={"epochs": 2})
    run_training(make_autoencoder(small), two_epochs, tmp_path, images=images)
    # Keras also reads some batches before training to find their type.
    epochs = recorded[-6:-3], recorded[-3:]
    assert [[number for batch in epoch for number in batch] for epoch in epochs] == expected


def test_tensorflow_receives_the_batches_of_each_epoch() -> None:
    batches = Batches(numbered(23), 5, seed=1)
    expected = orders(batches, 2)
    dataset = feed(batches)
    assert len(dataset) == 5
    for epoch in range(2):
        batches.start(epoch)
        received = [images.numpy() for (images,) in dataset]
        assert [len(images) for images in received] == [5, 5, 5, 5, 3]
        assert {images.dtype for images in received} == {np.dtype("uint8")}
        assert np.concatenate(received)[:, 0, 0, 0].tolist() == expected[epoch]


def test_tensorflow_receives_row_numbers() -> None:
    rows = Batches(np.arange(7, dtype=np.int32), 3)
    assert [batch.numpy().tolist() for (batch,) in feed(rows)] == [[0, 1, 2], [3, 4, 5], [6]]


def test_on_epoch_begin_is_called_before_the_first_batch() -> None:
    calls = []

    class RecordedBatches(Batches):
        def on_epoch_begin(self) -> None:
            calls.append("begin")

        def __getitem__(self, index: int) -> tuple[Images]:
            calls.append(str(index))
            return super().__getitem__(index)

    dataset = feed(RecordedBatches(numbered(6), 3))
    calls.clear()  # `feed` reads a batch to find its type
    for _ in range(2):
        assert len(list(dataset)) == 2
    assert calls == ["begin", "0", "1"] * 2


def test_datasets_have_no_autotuning() -> None:
    """The end of an iterator would wait for TensorFlow's autotuning thread."""
    assert feed(Batches(numbered(6), 3)).options().autotune.enabled is False


def test_other_backends_receive_the_batches_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "backend", lambda: "jax")
    batches = Batches(numbered(6), 3)
    assert feed(batches) is batches


# The losses of an epoch


def crossentropy(images: Images, reconstructions: Floats) -> Floats:
    x, x_hat = images / 255.0, reconstructions.astype(np.float64)
    terms = -x * np.log(x_hat) - (1 - x) * np.log(1 - x_hat)
    return np.asarray(terms.mean(axis=(1, 2, 3)))


def squared_error(images: Images, reconstructions: Floats) -> Floats:
    return np.asarray(((images / 255.0 - reconstructions) ** 2).mean(axis=(1, 2, 3)))


def scaled(images: Images) -> Floats:
    return (images / 255.0).astype(np.float32)


def differs_from_mean_of_batch_means(losses: Floats) -> bool:
    means = [losses[:8].mean(), losses[8:16].mean(), losses[16:].mean()]
    return bool(abs(np.mean(means) - losses.mean()) > 1e-4 * losses.mean())


def test_autoencoders_test_losses_are_means_over_all_images(autoencoder: Trained) -> None:
    encoder, decoder = autoencoder.model.encoder, autoencoder.model.decoder
    reconstructions = decoder.predict_on_batch(encoder.predict_on_batch(scaled(TEST_IMAGES)))
    losses = crossentropy(TEST_IMAGES, reconstructions)
    assert differs_from_mean_of_batch_means(losses)
    last = autoencoder.history.iloc[-1]
    assert last["test/loss"] == pytest.approx(losses.mean(), rel=1e-5)
    assert last["test/reconstruction_loss"] == pytest.approx(losses.mean(), rel=1e-5)


@pytest.mark.parametrize(("loss", "direct"), [("bce", crossentropy), ("mse", squared_error)])
def test_vaes_losses_are_means_over_all_images(
    small: TrainVAE, loss: str, direct: Callable[[Images, Floats], Floats]
) -> None:
    model = make_vae(small.model_copy(update={"loss": loss}))
    # With the smallest possible log variances the noise is negligible: z is almost z_mean.
    layer = model.encoder.get_layer("z_log_var")
    kernel, bias = layer.get_weights()
    layer.set_weights([np.zeros_like(kernel), np.full_like(bias, -200)])
    # With dark reconstructions, bright and dark images have different losses.
    kernel, bias = model.decoder.layers[-1].get_weights()
    model.decoder.layers[-1].set_weights([kernel, bias - 2])
    model.compile(optimizer="sgd")
    reported = model.evaluate(Batches(TEST_IMAGES, 8), return_dict=True, verbose=0)

    z_mean, z_log_var, z = model.encoder.predict_on_batch(scaled(TEST_IMAGES))
    np.testing.assert_allclose(z, z_mean, atol=1e-5)
    reconstructions = model.decoder.predict_on_batch(z_mean)
    weighted = small.reconstruction_weight * direct(TEST_IMAGES, reconstructions)
    kl = -0.5 * (1.0 + z_log_var - z_mean**2 - np.exp(z_log_var)).sum(axis=1)
    assert differs_from_mean_of_batch_means(weighted)
    assert reported["reconstruction_loss"] == pytest.approx(weighted.mean(), rel=1e-5)
    assert reported["kl_loss"] == pytest.approx(kl.mean(), rel=1e-5)
    assert reported["loss"] == pytest.approx((weighted + kl).mean(), rel=1e-5)


def test_vaes_test_losses_use_restarted_noise(small: TrainVAE, vae: Trained) -> None:
    encoder, decoder = vae.model.encoder, vae.model.decoder
    (sampling,) = [layer for layer in encoder.layers if isinstance(layer, Sampling)]
    sampling.restart(TEST_EPOCH)
    losses = []
    for start in range(0, len(TEST_IMAGES), small.batch_size):
        batch = TEST_IMAGES[start : start + small.batch_size]
        *_, z = encoder.predict_on_batch(scaled(batch))
        losses.append(crossentropy(batch, decoder.predict_on_batch(z)))
    expected = small.reconstruction_weight * np.concatenate(losses).mean()
    last = vae.history.iloc[-1]
    assert last["test/reconstruction_loss"] == pytest.approx(expected, rel=1e-5)


def test_noise_of_test_images_is_the_same_in_each_evaluation(small: TrainVAE) -> None:
    model = make_vae(small)
    model.compile(optimizer="sgd")
    batches = Batches(TEST_IMAGES, 8)
    restart = [StartEpoch(batches)]
    first, second = (
        model.evaluate(batches, callbacks=restart, return_dict=True, verbose=0) for _ in range(2)
    )
    assert first == second
    # Without the callback the noise is not restarted, and the losses differ.
    assert model.evaluate(batches, return_dict=True, verbose=0) != first


def test_reconstruction_weight_multiplies_the_reconstruction_loss_only(small: TrainVAE) -> None:
    reported = {}
    for weight in (1.0, 500.0):
        model = make_vae(small.model_copy(update={"reconstruction_weight": weight}))
        model.compile(optimizer="sgd")
        batches = Batches(TEST_IMAGES, 8)
        reported[weight] = model.evaluate(
            batches, callbacks=[StartEpoch(batches)], return_dict=True, verbose=0
        )
    light, heavy = reported[1.0], reported[500.0]
    assert heavy["reconstruction_loss"] == pytest.approx(500 * light["reconstruction_loss"])
    assert heavy["kl_loss"] == pytest.approx(light["kl_loss"])


@pytest.mark.parametrize(
    ("kind", "losses"),
    [
        ("autoencoder", ["loss", "reconstruction_loss"]),
        ("vae", ["loss", "reconstruction_loss", "kl_loss"]),
    ],
)
def test_history_has_a_row_per_epoch_and_a_column_per_loss(
    request: pytest.FixtureRequest, kind: str, losses: list[str]
) -> None:
    history: pd.DataFrame = request.getfixturevalue(kind).history
    assert history.columns[0] == "epoch"
    assert history["epoch"].tolist() == [1, 2, 3]
    names = [f"{split}/{loss}" for split in ("train", "test") for loss in losses]
    assert sorted(history.columns[1:]) == sorted(names)
    assert (history[names].dtypes == np.float64).all()


def test_an_autoencoders_loss_is_its_reconstruction_loss(autoencoder: Trained) -> None:
    history = autoencoder.history
    for split in ("train", "test"):
        np.testing.assert_allclose(
            history[f"{split}/loss"], history[f"{split}/reconstruction_loss"], rtol=1e-5
        )


def test_a_vaes_loss_is_the_sum_of_its_terms(vae: Trained) -> None:
    history = vae.history
    for split in ("train", "test"):
        terms = history[f"{split}/reconstruction_loss"] + history[f"{split}/kl_loss"]
        np.testing.assert_allclose(history[f"{split}/loss"], terms, rtol=1e-5)
        assert (history[f"{split}/kl_loss"] > 0).all()


@pytest.mark.parametrize("make", [make_autoencoder, make_vae])
def test_listener_receives_rows_and_samples_after_each_epoch(
    small: TrainVAE, tmp_path: Path, make: Callable[[TrainVAE], keras.Model]
) -> None:
    model = make(small)
    received: list[tuple[list[dict[str, float]], list[Images]]] = []
    decoded: list[Images] = []

    def listener(rows: list[dict[str, float]], samples: list[Images]) -> None:
        received.append((rows, samples))
        decoded.append(decode(model.decoder, Z))

    trained = run_training(model, small, tmp_path, listener=listener)
    # The lists are copies: later epochs do not change them.
    assert [len(rows) for rows, _ in received] == [1, 2, 3]
    assert [len(samples) for _, samples in received] == [1, 2, 3]
    rows, samples = received[-1]
    pd.testing.assert_frame_equal(pd.DataFrame(rows), trained.history, check_exact=True)
    # The samples are the fixed points, decoded by the model of each epoch.
    for found, expected in zip(samples, decoded, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert samples[0].shape == (len(Z), *SHAPE)
    assert not np.array_equal(samples[0], samples[-1])


@pytest.mark.parametrize(("name", "expected"), [("loss", "train/loss"), ("val_x", "test/x")])
def test_history_names(name: str, expected: str) -> None:
    assert history_name(name) == expected


# The result of a training


def test_losses_decrease(autoencoder: Trained, vae: Trained) -> None:
    for trained in (autoencoder, vae):
        for column in ("train/loss", "test/loss"):
            first, *_, last = trained.history[column]
            assert last < 0.97 * first


def test_two_trainings_of_an_autoencoder_end_with_the_same_bits(
    small: TrainVAE, autoencoder: Trained, tmp_path: Path
) -> None:
    repeated = run_training(make_autoencoder(small), small, tmp_path)
    assert repeated.results() == autoencoder.results()
    pd.testing.assert_frame_equal(repeated.history, autoencoder.history, check_exact=True)


def test_two_trainings_of_a_vae_end_with_the_same_bits(
    small: TrainVAE, vae: Trained, tmp_path: Path
) -> None:
    repeated = run_training(make_vae(small), small, tmp_path)
    assert repeated.results() == vae.results()
    pd.testing.assert_frame_equal(repeated.history, vae.history, check_exact=True)


def test_optimizer_is_adam_with_the_given_learning_rate(
    small: TrainVAE, autoencoder: Trained
) -> None:
    assert isinstance(autoencoder.model.optimizer, keras.optimizers.Adam)
    rate = float(autoencoder.model.optimizer.learning_rate)
    assert rate == pytest.approx(small.learning_rate)


def test_training_updates_the_moving_averages_of_batch_normalisation(
    tiny_architecture: TrainVAE, tmp_path: Path
) -> None:
    params = tiny_architecture.model_copy(
        update={"block": ["conv", "batch_norm", "leaky_relu"], "dense_block": ["batch_norm"]}
    )
    for make in (make_autoencoder, make_vae):
        model = run_training(make(params), params, tmp_path / make.__name__).model
        normalisations = [
            layer
            for part in (model.encoder, model.decoder)
            for layer in part.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        ]
        assert len(normalisations) == 5
        for layer in normalisations:
            assert np.abs(layer.moving_mean).max() > 0
            assert np.abs(np.asarray(layer.moving_variance) - 1).max() > 0


@pytest.mark.parametrize("make", [make_autoencoder, make_vae])
def test_images_on_the_device_give_the_same_bits(
    small: TrainVAE,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[TrainVAE], keras.Model],
) -> None:
    streamed = run_training(make(small), small, tmp_path / "streamed")
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0", "gpu:0"])
    on_device = run_training(make(small), small, tmp_path / "device")
    assert streamed.model.images is None
    assert on_device.model.images.shape == (66, 8, 8, 1)
    assert on_device.progress.rows == streamed.progress.rows
    for part in ("encoder", "decoder"):
        for value, other in zip(
            getattr(on_device.model, part).get_weights(),
            getattr(streamed.model, part).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(value, other)


def test_too_many_images_do_not_fit_on_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0", "gpu:0"])
    assert fits_on_device(TRAIN_IMAGES, TEST_IMAGES)
    monkeypatch.setattr(
        image_model, "MAX_DEVICE_BYTES", TRAIN_IMAGES.nbytes + TEST_IMAGES.nbytes - 1
    )
    assert not fits_on_device(TRAIN_IMAGES, TEST_IMAGES)


def test_bfloat16_is_used_by_the_layers_but_not_for_weights(
    small: TrainVAE, vae: Trained, tmp_path: Path
) -> None:
    params = small.model_copy(update={"precision": "bfloat16"})
    trained = run_training(make_vae(params), params, tmp_path)
    model = trained.model
    dtypes = {layer.name: layer.compute_dtype for layer in model.encoder.layers}
    assert {dtype for name, dtype in dtypes.items() if "conv" in name} == {"bfloat16"}
    assert {dtypes[name] for name in ("z_mean", "z_log_var", "z")} == {"float32"}
    assert model.decoder.get_layer("reconstructions").compute_dtype == "float32"
    assert {str(weight.dtype) for weight in model.trainable_variables} == {"float32"}
    np.testing.assert_allclose(trained.history["test/loss"], vae.history["test/loss"], rtol=0.02)


def test_images_on_the_device_are_gathered_from_the_variable(small: TrainVAE) -> None:
    model = make_autoencoder(small)
    model.load_to_device(TRAIN_IMAGES, TEST_IMAGES)
    rows = np.array([3, 50], np.int32)
    # TensorFlow gathers uint8 on an accelerator only from a variable.
    graph = tf.function(model.get_images).get_concrete_function(rows).graph
    kernels = {operation.type for operation in graph.get_operations()}
    assert "ResourceGather" in kernels
    assert "GatherV2" not in kernels
    found = ops.convert_to_numpy(model.get_images(rows))
    np.testing.assert_array_equal(found, [TRAIN_IMAGES[3], TEST_IMAGES[5]])
