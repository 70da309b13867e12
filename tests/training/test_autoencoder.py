"""The denoising autoencoder; and without noise, the plain autoencoder is unchanged."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers, ops
from numpy.typing import NDArray
from tiny_training import (
    SHAPE,
    TEST_IMAGES,
    Trained,
    make_autoencoder,
    run_training,
)

from latent.models.inference import denoise
from latent.models.layers import Sampling, scale
from latent.models.networks import build_decoder, build_encoder
from latent.params import TrainVAE
from latent.training.autoencoder import Autoencoder
from latent.training.loop import TEST_EPOCH, Batches, StartEpoch

STD = 0.3

# Warnings of Keras would appear in the terminal of the user.
pytestmark = pytest.mark.filterwarnings("error::UserWarning:keras.*")


class PlainAutoencoder(Autoencoder):
    """An autoencoder whose code contains no noise."""

    def call(self, images: object) -> object:
        return self.decoder(self.encoder(scale(images)))


def make_denoising(params: TrainVAE) -> Autoencoder:
    keras.utils.set_random_seed(params.seed)
    encoder, decoder = build_encoder(params, SHAPE), build_decoder(params, SHAPE)
    return Autoencoder(encoder, decoder, params.loss, STD, params.seed)


def make_identity(std: float = STD) -> Autoencoder:
    """An autoencoder whose reconstructions equal the input of its encoder."""
    images, z = layers.Input(SHAPE), layers.Input((64,))
    encoder = keras.Model(images, layers.Flatten()(images))
    return Autoencoder(encoder, keras.Model(z, layers.Reshape(SHAPE)(z)), "mse", std, seed=5)


def to_numpy(tensor: object) -> NDArray[np.float32]:
    return np.asarray(ops.convert_to_numpy(tensor))


@pytest.fixture(scope="module")
def small(tiny_architecture: TrainVAE) -> TrainVAE:
    return tiny_architecture.model_copy(update={"epochs": 3, "learning_rate": 0.02})


@pytest.fixture(scope="module")
def denoising(small: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run_training(make_denoising(small), small, tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def without_noise(small: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run_training(make_autoencoder(small), small, tmp_path_factory.mktemp("checkpoints"))


def test_without_noise_there_is_no_noise_layer(small: TrainVAE) -> None:
    model = make_autoencoder(small)
    assert model.layers == [model.encoder, model.decoder]
    names = [variable.path for variable in model.variables]
    assert not any("seed" in name or "noise" in name for name in names)


def test_without_noise_a_training_ends_with_the_bytes_of_a_plain_autoencoder(
    small: TrainVAE, without_noise: Trained, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(small.seed)
    plain = PlainAutoencoder(build_encoder(small, SHAPE), build_decoder(small, SHAPE), small.loss)
    assert without_noise.results() == run_training(plain, small, tmp_path).results()


def test_the_encoder_receives_the_image_with_noise_of_the_given_deviation() -> None:
    images = np.full((400, *SHAPE), 51, np.uint8)
    noisy = to_numpy(make_identity()(images))
    errors = noisy - np.float32(0.2)
    # Tolerances: five standard errors of a mean and of a standard deviation.
    assert abs(errors.mean()) < 5 * STD / np.sqrt(errors.size)
    assert errors.std() == pytest.approx(STD, rel=5 / np.sqrt(2 * errors.size))
    # Not clipped: with a mean of 0.2, a share Φ(−0.2 / 0.3) = 0.2525 of the values is negative.
    assert (noisy < 0).mean() == pytest.approx(0.2525, abs=0.01)


def test_the_loss_compares_with_the_image_without_noise() -> None:
    model = make_identity()
    images = np.full((400, *SHAPE), 200, np.uint8)
    loss = to_numpy(model.compute_loss(images, y_pred=model(images)))
    assert loss == pytest.approx(STD**2, rel=5 * np.sqrt(2 / images.size))


def test_encoder_and_decoder_contain_no_noise_layer(denoising: Trained) -> None:
    model = denoising.model
    assert [type(layer) for layer in model.layers].count(Sampling) == 1
    for part in (model.encoder, model.decoder):
        assert not any(isinstance(layer, Sampling) for layer in part.layers)


def test_noise_depends_on_seed_and_epoch_only() -> None:
    def noise(epoch: int, model: Autoencoder) -> list[bytes]:
        assert model.noise
        model.noise.restart(epoch)
        return [to_numpy(model(TEST_IMAGES)).tobytes() for _ in range(2)]

    model = make_identity()
    first, second = noise(0, model), noise(1, model)
    assert noise(0, model) == first
    assert noise(1, make_identity()) == second
    assert len({*first, *second}) == 4


def test_noise_changes_the_result_of_a_training_reproducibly(
    small: TrainVAE, without_noise: Trained, denoising: Trained, tmp_path: Path
) -> None:
    assert without_noise.weights() != denoising.weights()
    repeated = run_training(make_denoising(small), small, tmp_path)
    assert repeated.results() == denoising.results()


def test_a_stopped_training_with_noise_ends_with_the_same_bytes(
    small: TrainVAE, denoising: Trained, tmp_path: Path
) -> None:
    def stop(rows: list[dict[str, float]], samples: object) -> None:
        if len(rows) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_training(make_denoising(small), small, tmp_path, listener=stop)
    resumed = run_training(make_denoising(small), small, tmp_path)
    assert resumed.results() == denoising.results()


def test_a_denoising_autoencoder_learns_to_remove_noise(small: TrainVAE, tmp_path: Path) -> None:
    params = small.model_copy(update={"epochs": 10})
    model = run_training(make_denoising(params), params, tmp_path).model
    ((noisy, denoised),) = denoise(model.encoder, model.decoder, TEST_IMAGES[:16], STD, seed=0)
    clean = TEST_IMAGES[:16] / 255
    before, after = np.square(noisy - clean).mean(), np.square(denoised / 255 - clean).mean()
    assert before == pytest.approx(STD**2, rel=0.2)
    assert after < before / 2


def test_noise_is_restarted_for_each_epoch_and_for_test_images() -> None:
    model = make_identity()
    start = StartEpoch(Batches(TEST_IMAGES, 8))
    start.set_model(model)
    for begin, epoch in [(lambda: start.on_epoch_begin(3), 3), (start.on_test_begin, TEST_EPOCH)]:
        begin()
        found = to_numpy(model(TEST_IMAGES))
        model.noise.restart(epoch)
        np.testing.assert_array_equal(found, to_numpy(model(TEST_IMAGES)))
