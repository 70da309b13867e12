"""The Keras models of the chapter, their losses and how they are trained and stored.

Importing this package starts Keras with what it and TensorFlow read once, at their own start: the
backend where the user chose none, oneDNN's kernels, whose sums differ from TensorFlow's own, and a
quiet terminal.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

os.environ.setdefault("KERAS_BACKEND", "tensorflow" if find_spec("tensorflow") else "jax")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"


def _start_keras_quietly() -> None:
    """Import Keras without the notices that TensorFlow prints before its log level applies."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as notices:
        os.dup2(notices.fileno(), 2)
        try:
            import keras  # noqa: F401, PLC0415
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


@contextmanager
def _without(*packages: str) -> Iterator[None]:
    """Let imports in the block do without these packages, as where they are not installed."""
    unknown = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(unknown))  # type: ignore[arg-type]  # so Python's manual
    try:
        yield
    finally:
        for name in unknown:
            del sys.modules[name]


# Keras has wrappers for the one and galleries with the other, TensorFlow takes models of the third,
# and they import what they find of these: a third of their start, for what nothing here uses.
UNUSED = ["sklearn", "matplotlib"]
if os.environ["KERAS_BACKEND"] != "jax":
    UNUSED.append("jax")
with _without(*UNUSED):
    # A user who sets the level wants to read what TensorFlow has to say.
    if "TF_CPP_MIN_LOG_LEVEL" not in os.environ:
        _start_keras_quietly()
    else:
        import keras  # noqa: F401
