"""Keras models of the chapter: layers, networks, losses, inference and storage.

This package must be imported before Keras and TensorFlow, because it sets what they read only once,
when they are imported:

- the backend: TensorFlow if it is installed, else JAX. The user's KERAS_BACKEND has priority; the
  backend in keras.json is ignored.
- oneDNN kernels in TensorFlow: always on. Other kernels change the last bits of results.
- TensorFlow's log level: errors only. The user's TF_CPP_MIN_LOG_LEVEL has priority.

The other global settings of Keras are set to its defaults (`pin_settings`).
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

if not os.environ.get("KERAS_BACKEND"):
    os.environ["KERAS_BACKEND"] = "tensorflow" if find_spec("tensorflow") else "jax"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"


def _import_keras_quietly() -> None:
    """Import Keras without the messages that TensorFlow prints before its log level applies."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    # TensorFlow's C++ code writes to file descriptor 2, not to sys.stderr.
    stderr = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as devnull:
        os.dup2(devnull.fileno(), 2)
        try:
            import keras  # noqa: F401, PLC0415
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


@contextmanager
def _hide(*packages: str) -> Iterator[None]:
    """Make imports inside the block behave as if these packages were not installed."""
    hidden = [name for name in packages if name not in sys.modules]
    # Python raises ModuleNotFoundError for a module that is None in sys.modules.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


# Keras and TensorFlow import these packages if they are installed: scikit-learn for wrappers,
# matplotlib for plots, JAX for model conversion. The project does not use these features, and the
# imports take a third of the start time.
UNUSED = ["sklearn", "matplotlib"]
if os.environ["KERAS_BACKEND"] != "jax":
    UNUSED.append("jax")
with _hide(*UNUSED):
    if "TF_CPP_MIN_LOG_LEVEL" not in os.environ:
        _import_keras_quietly()
    import keras


def pin_settings() -> None:
    """Set the global settings of Keras to its defaults.

    Otherwise the user's keras.json (in ~/.keras or KERAS_HOME), two environment variables, or
    earlier code of the same process could change results or stop a training.
    """
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_epsilon(1e-7)
    # KERAS_MAX_EPOCHS and KERAS_MAX_STEPS_PER_EPOCH, which are meant for debugging.
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)


pin_settings()
