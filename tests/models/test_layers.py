"""The sampling layer and the blocks that networks are made of."""

import keras
import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from keras import layers, ops

from latent.models.layers import BatchNormalization, Sampling, block, scale

Array = npt.NDArray[np.float32]


def draw(layer: Sampling, z_mean: Array, z_log_var: Array) -> Array:
    return np.asarray(ops.convert_to_numpy(layer([z_mean, z_log_var])))


def points(count: int, *values: float) -> Array:
    return np.tile(np.array(values, np.float32), (count, 1))


def test_scale_maps_bytes_to_0_and_1() -> None:
    scaled = ops.convert_to_numpy(scale(np.array([0, 51, 255], np.uint8)))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [0.0, 0.2, 1.0], rtol=1e-7)


def test_sampling_has_the_mean_and_the_variance_it_is_given() -> None:
    count = 20_000
    z_mean = points(count, 3.0, -1.0, 0.0)
    z_log_var = points(count, np.log(4.0), np.log(0.25), 0.0)
    z = draw(Sampling(5), z_mean, z_log_var)
    assert z.shape == (count, 3)
    assert z.dtype == np.float32
    deviation = np.array([2.0, 0.5, 1.0])
    # Five standard errors of a mean, and of a variance.
    error = np.abs(z.mean(axis=0) - [3.0, -1.0, 0.0])
    assert (error < 5 * deviation / np.sqrt(count)).all()
    np.testing.assert_allclose(z.var(axis=0), deviation**2, rtol=5 * np.sqrt(2 / count))
    # The noise of the dimensions is independent.
    off_diagonal = np.corrcoef(z.T)[np.triu_indices(3, 1)]
    assert (np.abs(off_diagonal) < 5 / np.sqrt(count)).all()


def test_sampling_without_variance_is_the_mean() -> None:
    z_mean = points(4, 1.5, -2.5)
    np.testing.assert_array_equal(draw(Sampling(5), z_mean, points(4, -200.0, -200.0)), z_mean)


def test_sampling_draws_anew_each_time() -> None:
    layer = Sampling(5)
    zeros = points(10, 0.0, 0.0)
    assert not np.array_equal(draw(layer, zeros, zeros), draw(layer, zeros, zeros))


def test_gradient_reaches_mean_and_log_variance() -> None:
    """Of Σ z: 1 for each mean, and ½ σ ε for each log variance, by the chain rule."""
    rows, dimensions = 3, 2

    class Inputs(layers.Layer):
        """Holds a mean and a log variance as weights, and samples from them."""

        def __init__(self) -> None:
            super().__init__()
            self.z_mean = self.add_weight(shape=(rows, dimensions), initializer="zeros")
            self.z_log_var = self.add_weight(shape=(rows, dimensions), initializer="ones")
            self.sampling = Sampling(5)

        def call(self, images: object) -> object:
            return self.sampling([self.z_mean, self.z_log_var])

    model = keras.Sequential([layers.Input((1,)), Inputs()])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss=lambda _, z: ops.sum(z, axis=-1))
    layer = model.layers[0]
    layer.sampling.restart(0)
    # The loss is the mean over the rows of the sum over the dimensions.
    model.train_on_batch(np.zeros((rows, 1)), np.zeros((rows, 1)))
    steps = [-ops.convert_to_numpy(layer.z_mean), 1 - ops.convert_to_numpy(layer.z_log_var)]

    layer.sampling.restart(0)
    zeros = np.zeros((rows, dimensions), np.float32)
    epsilon = draw(layer.sampling, zeros, zeros)
    np.testing.assert_allclose(steps[0], np.full((rows, dimensions), 1 / rows), rtol=1e-6)
    expected = 0.5 * np.exp(0.5) * epsilon / rows
    np.testing.assert_allclose(steps[1], expected, rtol=1e-4, atol=1e-6)


def test_restart_repeats_the_noise_of_an_epoch() -> None:
    layer, zeros = Sampling(5), points(10, 0.0, 0.0)

    def epoch(number: int, sampling: Sampling = layer) -> list[Array]:
        sampling.restart(number)
        return [draw(sampling, zeros, zeros) for _ in range(3)]

    first, second = epoch(0), epoch(1)
    np.testing.assert_array_equal(epoch(0), first)
    np.testing.assert_array_equal(epoch(1), second)
    # Another layer of the same seed makes the same noise, one of another seed does not.
    np.testing.assert_array_equal(epoch(1, Sampling(5)), second)
    assert not np.array_equal(epoch(1, Sampling(6)), second)
    # No noise is used twice, neither within an epoch nor across two.
    assert len({noise.tobytes() for noise in [*first, *second]}) == 6


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_every_seed_of_the_parameters_can_be_restarted(seed: int) -> None:
    layer, zeros = Sampling(seed), points(4, 0.0)
    layer.restart(4095)
    assert np.isfinite(draw(layer, zeros, zeros)).all()


def test_sampling_is_rebuilt_from_its_config() -> None:
    layer = Sampling(7, name="z")
    config = keras.saving.serialize_keras_object(layer)
    assert config["registered_name"] == "latent>Sampling"
    copy = keras.saving.deserialize_keras_object(config)
    assert isinstance(copy, Sampling)
    assert (copy.seed, copy.name) == (7, "z")
    zeros = points(5, 0.0, 0.0)
    np.testing.assert_array_equal(draw(copy, zeros, zeros), draw(layer, zeros, zeros))


def chain(*names: str) -> list[layers.Layer]:
    """Return the layers of a block, without its input."""
    inputs = layers.Input((8, 8, 3))
    outputs = block(inputs, names, lambda activation: layers.Conv2D(4, 3, activation=activation))
    return list(keras.Model(inputs, outputs).layers[1:])


def kinds(found: list[layers.Layer]) -> list[str]:
    return [type(layer).__name__ for layer in found]


def test_relu_behind_a_convolution_is_its_activation() -> None:
    (convolution,) = chain("conv", "relu")
    assert isinstance(convolution, layers.Conv2D)
    assert convolution.activation.__name__ == "relu"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("conv",), ["Conv2D"]),
        (("conv", "batch_norm", "relu"), ["Conv2D", "BatchNormalization", "ReLU"]),
        (("conv", "leaky_relu"), ["Conv2D", "LeakyReLU"]),
        (("batch_norm", "relu", "conv"), ["BatchNormalization", "ReLU", "Conv2D"]),
        (("relu", "conv"), ["ReLU", "Conv2D"]),
    ],
    ids=str,
)
def test_relu_elsewhere_is_a_layer(names: tuple[str, ...], expected: list[str]) -> None:
    found = chain(*names)
    assert kinds(found) == expected
    (convolution,) = [layer for layer in found if isinstance(layer, layers.Conv2D)]
    assert convolution.activation.__name__ == "linear"


def test_a_second_relu_stays() -> None:
    found = chain("relu", "conv", "relu", "relu")
    assert kinds(found) == ["ReLU", "Conv2D", "ReLU"]


def test_dense_block_needs_no_convolution() -> None:
    inputs = layers.Input((6,))
    model = keras.Model(inputs, block(inputs, ["batch_norm", "leaky_relu"]))
    assert kinds(list(model.layers[1:])) == ["BatchNormalization", "LeakyReLU"]


def test_empty_block_changes_nothing() -> None:
    inputs = layers.Input((6,))
    assert block(inputs, []) is inputs


def normalise_both_ways(kind: type[layers.Layer], images: np.ndarray) -> list[np.ndarray]:
    """Return what a layer makes of images in training and after it, its averages and gradients."""
    layer = kind(momentum=0.9)
    layer.build(images.shape)
    layer.gamma.assign(np.linspace(0.5, 2, images.shape[-1]))
    layer.beta.assign(np.linspace(-1, 1, images.shape[-1]))
    with tf.GradientTape() as tape:
        x = tf.constant(images)
        tape.watch(x)
        normalised = layer(x, training=True)
        loss = tf.reduce_sum(normalised**3)
    gradients = tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])
    tensors = [normalised, *gradients, layer.moving_mean, layer.moving_variance, layer(images)]
    return [ops.convert_to_numpy(tensor) for tensor in tensors]


def test_fused_batch_normalisation_is_that_of_keras() -> None:
    images = np.random.default_rng(1).normal(3, 2, (4, 5, 6, 7)).astype(np.float32)
    ours = normalise_both_ways(BatchNormalization, images)
    theirs = normalise_both_ways(layers.BatchNormalization, images)
    assert np.abs(ours[4]).min() > 0.01
    for value, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-4)


def test_batch_normalisation_runs_in_one_kernel_in_training_alone() -> None:
    images = np.ones((4, 5, 6, 7), np.float32)
    layer = BatchNormalization()
    layer(images)

    def kernels(training: bool) -> set[str]:
        graph = tf.function(lambda x: layer(x, training=training)).get_concrete_function(images)
        return {operation.type for operation in graph.graph.get_operations()}

    assert "FusedBatchNormV3" in kernels(training=True)
    assert "FusedBatchNormV3" not in kernels(training=False)
