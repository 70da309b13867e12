"""The Keras models of the chapter, their losses and how they are trained and stored.

Importing this package starts Keras with what it and TensorFlow read once, at their own start: the
backend where the user chose none, oneDNN's kernels, whose sums differ from TensorFlow's own, and a
quiet terminal.
"""

import os
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
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


# A user who sets the level wants to read what TensorFlow has to say.
if "TF_CPP_MIN_LOG_LEVEL" not in os.environ:
    _start_keras_quietly()
