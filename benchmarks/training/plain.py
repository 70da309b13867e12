"""A VAE as in the chapter, with a custom train step and a gradient tape.

The code works with Keras 2 and Keras 3. The Keras module is an argument.
"""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from benchmarks.training.worker import Worker
from benchmarks.training.workload import MOMENTUM, parse_workload, scale
from latent.params import TrainVAE


class Training:
    """A VAE with float32 images in memory. Its worker has already described it.

    Args:
        keras: The Keras module.
        library: Name and version of the Keras module.
    """

    def __init__(self, keras: Any, library: str) -> None:
        self.worker, workload = Worker(), parse_workload()
        params = workload.params
        tf.config.threading.set_intra_op_parallelism_threads(workload.threads)
        tf.config.threading.set_inter_op_parallelism_threads(workload.threads)
        keras.utils.set_random_seed(params.seed)
        self.images, self.test_images = scale(workload.images), scale(workload.test_images)
        self.batch_size = params.batch_size
        encoder, decoder = build_networks(keras, params, self.images.shape[1:])
        self.vae = build_vae(keras, encoder, decoder, params)
        self.vae.compile(optimizer=keras.optimizers.Adam(learning_rate=params.learning_rate))
        self.worker.describe(
            library=library, parameters=[encoder.count_params(), decoder.count_params()]
        )

    def fit(self, **options: Any) -> Any:
        """Train and return Keras' history."""
        return self.vae.fit(self.images, batch_size=self.batch_size, verbose=0, **options)

    def report(self, loss: float) -> None:
        """Report the loss of a turn that has ended and the test loss after it."""
        test_loss, _, _ = self.vae.measure(self.test_images, training=False)
        self.worker.report(loss=float(loss), test_loss=float(test_loss))


def build_networks(keras: Any, params: TrainVAE, shape: Sequence[int]) -> tuple[Any, Any]:
    """Return the encoder and the decoder (tables 3-2 and 3-4, or 3-5 and 3-6)."""
    layers = keras.layers

    class Sampling(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            z_mean, z_log_var = inputs
            return z_mean + tf.exp(0.5 * z_log_var) * tf.random.normal(tf.shape(z_mean))

    kinds = {
        "batch_norm": lambda: layers.BatchNormalization(momentum=MOMENTUM),
        "relu": layers.ReLU,
        "leaky_relu": layers.LeakyReLU,
    }

    def block(x: Any, names: Sequence[str], convolution: Any = None) -> Any:
        for name in names:
            x = convolution(x) if name == "conv" else kinds[name]()(x)
        return x

    x = images = layers.Input(shape)
    for filters in params.filters:
        x = block(x, params.block, layers.Conv2D(filters, 3, strides=2, padding="same"))
    smallest = x.shape[1:]
    x = layers.Flatten()(x)
    z_mean = layers.Dense(params.latent_dim)(x)
    z_log_var = layers.Dense(params.latent_dim)(x)
    encoder = keras.Model(images, [z_mean, z_log_var, Sampling()([z_mean, z_log_var])])

    z = layers.Input((params.latent_dim,))
    x = layers.Dense(smallest[0] * smallest[1] * smallest[2])(z)
    x = layers.Reshape(smallest)(block(x, params.dense_block))
    for filters in reversed(params.filters):
        x = block(x, params.block, layers.Conv2DTranspose(filters, 3, strides=2, padding="same"))
    output = layers.Conv2D if params.output == "conv" else layers.Conv2DTranspose
    x = output(shape[2], 3, padding="same", activation="sigmoid")(x)
    return encoder, keras.Model(z, x)


def build_vae(keras: Any, encoder: Any, decoder: Any, params: TrainVAE) -> Any:
    """Return the model that trains encoder and decoder, with three metrics (example 3-13)."""

    def reconstruction_loss(images: Any, reconstructions: Any) -> Any:
        if params.loss == "bce":
            losses = keras.losses.binary_crossentropy(images, reconstructions)
        else:
            losses = keras.losses.mean_squared_error(images, reconstructions)
        return params.reconstruction_weight * tf.reduce_mean(losses)

    class VAE(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.decoder = decoder
            self.trackers = [
                keras.metrics.Mean(name=name) for name in ("loss", "reconstruction_loss", "kl_loss")
            ]

        @property
        def metrics(self) -> list[Any]:
            return self.trackers

        def call(self, images: Any, training: Any = None) -> Any:
            z_mean, z_log_var, z = self.encoder(images, training=training)
            return z_mean, z_log_var, self.decoder(z, training=training)

        def measure(self, images: Any, training: bool) -> tuple[Any, Any, Any]:
            z_mean, z_log_var, reconstructions = self(images, training=training)
            reconstruction = reconstruction_loss(images, reconstructions)
            terms = 1 + z_log_var - tf.square(z_mean) - tf.exp(z_log_var)
            kl = tf.reduce_mean(-0.5 * tf.reduce_sum(terms, axis=1))
            return reconstruction + kl, reconstruction, kl

        def train_step(self, images: Any) -> dict[str, Any]:
            with tf.GradientTape() as tape:
                losses = self.measure(images, training=True)
            gradients = tape.gradient(losses[0], self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
            for tracker, value in zip(self.trackers, losses, strict=True):
                tracker.update_state(value)
            return {tracker.name: tracker.result() for tracker in self.trackers}

    return VAE()
