"""A VAE as the chapter writes it, on whichever Keras: a train step of its own with a gradient tape.

Keras 2 and Keras 3 share all that is used here; the one to be used is an argument.
"""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from benchmarks.training.worker import Worker
from benchmarks.training.workload import MOMENTUM, given_workload, scale
from latent.params import TrainVAE


class Training:
    """A VAE, float32 images in memory, and the worker, which has introduced it.

    Args:
        keras: the Keras to be used.
        library: its name and version.
    """

    def __init__(self, keras: Any, library: str) -> None:
        self.worker, workload = Worker(), given_workload()
        params = workload.params
        tf.config.threading.set_intra_op_parallelism_threads(workload.threads)
        tf.config.threading.set_inter_op_parallelism_threads(workload.threads)
        keras.utils.set_random_seed(params.seed)
        self.images, self.held_out = scale(workload.images), scale(workload.held_out)
        self.batch_size = params.batch_size
        encoder, decoder = build_networks(keras, params, self.images.shape[1:])
        self.vae = build_vae(keras, encoder, decoder, params)
        self.vae.compile(optimizer=keras.optimizers.Adam(learning_rate=params.learning_rate))
        self.worker.introduce(
            library=library, parameters=[encoder.count_params(), decoder.count_params()]
        )

    def fit(self, **options: Any) -> Any:
        """Train, and return Keras' history."""
        return self.vae.fit(self.images, batch_size=self.batch_size, verbose=0, **options)

    def answer(self, loss: float) -> None:
        """Tell of a turn that has ended, and of the held-out loss after it."""
        test_loss, _, _ = self.vae.measure(self.held_out, training=False)
        self.worker.tell(loss=float(loss), test_loss=float(test_loss))


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
    """Return the model that trains both, with three trackers (example 3-13)."""

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
