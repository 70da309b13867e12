"""The autoencoder with noise on its input, and that it is as it was without."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers, ops
from numpy.typing import NDArray
from tiny_training import (
    HELD_OUT,
    SHAPE,
    Trained,
    make_autoencoder,
    tell_nobody,
    train_anew,
)

from latent.models.inference import denoise
from latent.models.layers import Sampling, scale
from latent.models.networks import build_decoder, build_encoder
from latent.params import TrainVAE
from latent.training.autoencoder import Autoencoder
from latent.training.loop import HELD_OUT_EPOCH, Batches, StartEpoch

STD = 0.3

# They would show in the terminal of who trains one.
pytestmark = pytest.mark.filterwarnings("error::UserWarning:keras.*")


class Plain(Autoencoder):
    """An autoencoder that has never heard of noise."""

    def call(self, images: object) -> object:
        return self.decoder(self.encoder(scale(images)))


def make_denoising(params: TrainVAE) -> Autoencoder:
    keras.utils.set_random_seed(params.seed)
    encoder, decoder = build_encoder(params, SHAPE), build_decoder(params, SHAPE)
    return Autoencoder(encoder, decoder, params.loss, STD, params.seed)


def make_identity(std: float = STD) -> Autoencoder:
    """An autoencoder whose reconstructions are what its encoder is given."""
    images, z = layers.Input(SHAPE), layers.Input((64,))
    encoder = keras.Model(images, layers.Flatten()(images))
    return Autoencoder(encoder, keras.Model(z, layers.Reshape(SHAPE)(z)), "mse", std, seed=5)


def numbers(tensor: object) -> NDArray[np.float32]:
    return np.asarray(ops.convert_to_numpy(tensor))


@pytest.fixture(scope="module")
def small(tiny_architecture: TrainVAE) -> TrainVAE:
    return tiny_architecture.model_copy(update={"epochs": 3, "learning_rate": 0.02})


@pytest.fixture(scope="module")
def denoising(small: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train_anew(make_denoising(small), small, tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def without(small: TrainVAE, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train_anew(make_autoencoder(small), small, tmp_path_factory.mktemp("scratch"))


def test_without_noise_there_is_no_layer_of_it(small: TrainVAE) -> None:
    model = make_autoencoder(small)
    assert model.layers == [model.encoder, model.decoder]
    names = [variable.path for variable in model.variables]
    assert not any("seed" in name or "noise" in name for name in names)


def test_without_noise_a_training_ends_with_the_bytes_that_it_always_did(
    small: TrainVAE, without: Trained, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(small.seed)
    plain = Plain(build_encoder(small, SHAPE), build_decoder(small, SHAPE), small.loss)
    assert without.everything() == train_anew(plain, small, tmp_path).everything()


def test_the_encoder_is_given_noise_of_that_deviation_around_the_image() -> None:
    images = np.full((400, *SHAPE), 51, np.uint8)
    noisy = numbers(make_identity()(images))
    errors = noisy - np.float32(0.2)
    # Five standard errors of a mean, and of a standard deviation.
    assert abs(errors.mean()) < 5 * STD / np.sqrt(errors.size)
    assert errors.std() == pytest.approx(STD, rel=5 / np.sqrt(2 * errors.size))
    # Of a fifth's distance to black, a third of the noise goes beyond it.
    assert (noisy < 0).mean() == pytest.approx(0.2525, abs=0.01)


def test_the_loss_asks_for_the_image_without_noise() -> None:
    model = make_identity()
    images = np.full((400, *SHAPE), 200, np.uint8)
    loss = numbers(model.compute_loss(images, y_pred=model(images)))
    assert loss == pytest.approx(STD**2, rel=5 * np.sqrt(2 / images.size))


def test_the_parts_that_are_kept_hold_no_noise(denoising: Trained) -> None:
    model = denoising.model
    assert [type(layer) for layer in model.layers].count(Sampling) == 1
    for part in (model.encoder, model.decoder):
        assert not any(isinstance(layer, Sampling) for layer in part.layers)


def test_noise_is_a_function_of_seed_and_epoch() -> None:
    def epoch(number: int, model: Autoencoder) -> list[bytes]:
        assert model.noise
        model.noise.restart(number)
        return [numbers(model(HELD_OUT)).tobytes() for _ in range(2)]

    model = make_identity()
    first, second = epoch(0, model), epoch(1, model)
    assert epoch(0, model) == first
    assert epoch(1, make_identity()) == second
    assert len({*first, *second}) == 4


def test_noise_changes_a_training_which_repeats_to_the_last_bit(
    small: TrainVAE, without: Trained, denoising: Trained, tmp_path: Path
) -> None:
    assert without.weights() != denoising.weights()
    again = train_anew(make_denoising(small), small, tmp_path)
    assert again.everything() == denoising.everything()


def test_a_stopped_training_with_noise_ends_with_the_same_bytes(
    small: TrainVAE, denoising: Trained, tmp_path: Path
) -> None:
    def stop(rows: list[dict[str, float]], samples: object) -> None:
        if len(rows) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_anew(make_denoising(small), small, tmp_path, tell=stop)
    resumed = train_anew(make_denoising(small), small, tmp_path, tell=tell_nobody)
    assert resumed.everything() == denoising.everything()


def test_a_training_with_noise_learns_to_take_it_off(small: TrainVAE, tmp_path: Path) -> None:
    params = small.model_copy(update={"epochs": 10})
    model = train_anew(make_denoising(params), params, tmp_path).model
    ((noisy, denoised),) = denoise(model.encoder, model.decoder, HELD_OUT[:16], STD, seed=0)
    clean = HELD_OUT[:16] / 255
    before, after = np.square(noisy - clean).mean(), np.square(denoised / 255 - clean).mean()
    assert before == pytest.approx(STD**2, rel=0.2)
    assert after < before / 2


def test_an_epoch_and_held_out_images_begin_with_noise_of_their_own() -> None:
    model = make_identity()
    start = StartEpoch(Batches(HELD_OUT, 8))
    start.set_model(model)
    begins = [(lambda: start.on_epoch_begin(3), 3), (start.on_test_begin, HELD_OUT_EPOCH)]
    for begin, epoch in begins:
        begin()
        found = numbers(model(HELD_OUT))
        model.noise.restart(epoch)
        np.testing.assert_array_equal(found, numbers(model(HELD_OUT)))
