"""The sampling layer, batch normalisation, and the blocks of the networks."""

import keras
import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from keras import layers, ops

from latent.models.layers import BatchNormalization, Sampling, block, scale

Array = npt.NDArray[np.float32]


def sample(layer: Sampling, z_mean: Array, z_log_var: Array) -> Array:
    return np.asarray(ops.convert_to_numpy(layer([z_mean, z_log_var])))


def points(count: int, *values: float) -> Array:
    return np.tile(np.array(values, np.float32), (count, 1))


def test_scale_maps_bytes_to_0_and_1() -> None:
    scaled = ops.convert_to_numpy(scale(np.array([0, 51, 255], np.uint8)))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [0.0, 0.2, 1.0], rtol=1e-7)


def test_samples_have_the_given_mean_and_variance() -> None:
    count = 20_000
    z_mean = points(count, 3.0, -1.0, 0.0)
    z_log_var = points(count, np.log(4.0), np.log(0.25), 0.0)
    z = sample(Sampling(5), z_mean, z_log_var)
    assert z.shape == (count, 3)
    assert z.dtype == np.float32
    deviation = np.array([2.0, 0.5, 1.0])
    # Tolerances: five standard errors of a mean and of a variance.
    error = np.abs(z.mean(axis=0) - [3.0, -1.0, 0.0])
    assert (error < 5 * deviation / np.sqrt(count)).all()
    np.testing.assert_allclose(z.var(axis=0), deviation**2, rtol=5 * np.sqrt(2 / count))
    # The noise of the dimensions is independent.
    off_diagonal = np.corrcoef(z.T)[np.triu_indices(3, 1)]
    assert (np.abs(off_diagonal) < 5 / np.sqrt(count)).all()


def test_samples_without_variance_equal_the_mean() -> None:
    z_mean = points(4, 1.5, -2.5)
    np.testing.assert_array_equal(sample(Sampling(5), z_mean, points(4, -200.0, -200.0)), z_mean)


def test_each_call_returns_new_samples() -> None:
    layer = Sampling(5)
    zeros = points(10, 0.0, 0.0)
    assert not np.array_equal(sample(layer, zeros, zeros), sample(layer, zeros, zeros))


def test_gradients_flow_to_mean_and_log_variance() -> None:
    """The gradient of Σ z is 1 for each mean, and ½ σ ε for each log variance."""
    rows, dimensions = 3, 2

    class Inputs(layers.Layer):
        """Samples with a mean and a log variance that are weights of the layer."""

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
    epsilon = sample(layer.sampling, zeros, zeros)
    np.testing.assert_allclose(steps[0], np.full((rows, dimensions), 1 / rows), rtol=1e-6)
    expected = 0.5 * np.exp(0.5) * epsilon / rows
    np.testing.assert_allclose(steps[1], expected, rtol=1e-4, atol=1e-6)


def test_restart_repeats_the_noise_of_an_epoch() -> None:
    layer, zeros = Sampling(5), points(10, 0.0, 0.0)

    def noise(epoch: int, sampling: Sampling = layer) -> list[Array]:
        sampling.restart(epoch)
        return [sample(sampling, zeros, zeros) for _ in range(3)]

    first, second = noise(0), noise(1)
    np.testing.assert_array_equal(noise(0), first)
    np.testing.assert_array_equal(noise(1), second)
    # A layer with the same seed has the same noise. A layer with another seed has other noise.
    np.testing.assert_array_equal(noise(1, Sampling(5)), second)
    assert not np.array_equal(noise(1, Sampling(6)), second)
    # All noise is different, within an epoch and between epochs.
    assert len({array.tobytes() for array in [*first, *second]}) == 6


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_restart_works_with_every_allowed_seed(seed: int) -> None:
    layer, zeros = Sampling(seed), points(4, 0.0)
    layer.restart(4095)
    assert np.isfinite(sample(layer, zeros, zeros)).all()


def test_sampling_can_be_restored_from_its_config() -> None:
    layer = Sampling(7, name="z")
    config = keras.saving.serialize_keras_object(layer)
    assert config["registered_name"] == "latent>Sampling"
    copy = keras.saving.deserialize_keras_object(config)
    assert isinstance(copy, Sampling)
    assert (copy.seed, copy.name) == (7, "z")
    zeros = points(5, 0.0, 0.0)
    np.testing.assert_array_equal(sample(copy, zeros, zeros), sample(layer, zeros, zeros))


def block_layers(*names: str) -> list[layers.Layer]:
    """Return the layers of a block, without the input layer."""
    inputs = layers.Input((8, 8, 3))
    outputs = block(inputs, names, lambda activation: layers.Conv2D(4, 3, activation=activation))
    return list(keras.Model(inputs, outputs).layers[1:])


def type_names(found: list[layers.Layer]) -> list[str]:
    return [type(layer).__name__ for layer in found]


def test_relu_directly_after_a_convolution_is_its_activation() -> None:
    (convolution,) = block_layers("conv", "relu")
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
    found = block_layers(*names)
    assert type_names(found) == expected
    (convolution,) = [layer for layer in found if isinstance(layer, layers.Conv2D)]
    assert convolution.activation.__name__ == "linear"


def test_a_second_relu_is_a_layer() -> None:
    found = block_layers("relu", "conv", "relu", "relu")
    assert type_names(found) == ["ReLU", "Conv2D", "ReLU"]


def test_dense_block_needs_no_convolution() -> None:
    inputs = layers.Input((6,))
    model = keras.Model(inputs, block(inputs, ["batch_norm", "leaky_relu"]))
    assert type_names(list(model.layers[1:])) == ["BatchNormalization", "LeakyReLU"]


def test_empty_block_changes_nothing() -> None:
    inputs = layers.Input((6,))
    assert block(inputs, []) is inputs


def normalisation_results(kind: type[layers.Layer], images: np.ndarray) -> list[np.ndarray]:
    """Return outputs in training and inference, gradients and moving averages of a layer."""
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


def test_fused_batch_normalisation_equals_that_of_keras() -> None:
    images = np.random.default_rng(1).normal(3, 2, (4, 5, 6, 7)).astype(np.float32)
    ours = normalisation_results(BatchNormalization, images)
    theirs = normalisation_results(layers.BatchNormalization, images)
    assert np.abs(ours[4]).min() > 0.01
    for value, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-4)


def test_batch_normalisation_uses_the_fused_kernel_in_training_only() -> None:
    images = np.ones((4, 5, 6, 7), np.float32)
    layer = BatchNormalization()
    layer(images)

    def kernels(training: bool) -> set[str]:
        graph = tf.function(lambda x: layer(x, training=training)).get_concrete_function(images)
        return {operation.type for operation in graph.graph.get_operations()}

    assert "FusedBatchNormV3" in kernels(training=True)
    assert "FusedBatchNormV3" not in kernels(training=False)
