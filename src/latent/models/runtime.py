"""Device, threads and determinism of the Keras backend."""

import keras
from threadpoolctl import threadpool_limits

from latent.errors import InputError
from latent.models import pin_settings

BACKENDS = ("tensorflow", "jax")


def backend() -> str:
    """Return the name of the Keras backend; "tensorflow" unless the user chose another one."""
    return str(keras.backend.backend())


def device() -> str:
    """Return the kind of device that Keras computes on: "cpu", "gpu" or "tpu"."""
    kinds = {name.partition(":")[0] for name in keras.distribution.list_devices()}
    return min(kinds - {"cpu"}, default="cpu")


def configure(threads: int, seed: int) -> None:
    """Make results depend on `seed` and `threads`, and not on the machine or the user's settings.

    Must be called before the backend computes anything. In TensorFlow the number of threads
    decides how sums are split, and so their last bits. Other backends have no such setting.

    Args:
        threads: CPU threads within an operation and between operations.
        seed: seed of the random numbers of Python, NumPy and the backend, including initial
            weights.

    Raises:
        InputError: the project does not support this backend.
    """
    if backend() not in BACKENDS:
        raise InputError(f"KERAS_BACKEND is {backend()}: must be one of {', '.join(BACKENDS)}")
    if backend() == "tensorflow":
        import tensorflow as tf  # noqa: PLC0415, may be missing with another backend

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        tf.config.experimental.enable_op_determinism()
    # NumPy's matrix products also split their sums by the number of threads.
    threadpool_limits(threads)
    pin_settings()
    keras.utils.set_random_seed(seed)
