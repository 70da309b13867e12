"""Device, threads and determinism of the Keras backend."""

import keras
from threadpoolctl import threadpool_limits

from latent.errors import InputError

BACKENDS = ("tensorflow", "jax")


def backend() -> str:
    """Return the package that Keras computes with, "tensorflow" where the user chose no other."""
    return str(keras.backend.backend())


def device() -> str:
    """Return the kind of device that Keras computes on: "cpu", "gpu" or "tpu"."""
    kinds = {name.partition(":")[0] for name in keras.distribution.list_devices()}
    return min(kinds - {"cpu"}, default="cpu")


def configure(threads: int, seed: int) -> None:
    """Make what follows depend on `seed` and `threads`, and on no core count of the machine.

    Must be called before the backend computes anything. On TensorFlow the number of threads
    decides how sums are split, so it decides their last bits; other backends have no such setting.

    Args:
        threads: CPU threads within an operation and between operations.
        seed: seed of Python's, NumPy's and the backend's random numbers, the weights' among them.

    Raises:
        InputError: the backend is none that this package trains with.
    """
    if backend() not in BACKENDS:
        raise InputError(f"KERAS_BACKEND is {backend()}: must be one of {', '.join(BACKENDS)}")
    if backend() == "tensorflow":
        import tensorflow as tf  # noqa: PLC0415, another backend may have none

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        tf.config.experimental.enable_op_determinism()
    # NumPy's matrix products also split their sums by the number of threads.
    threadpool_limits(threads)
    keras.utils.set_random_seed(seed)
