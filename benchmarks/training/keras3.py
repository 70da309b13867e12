"""The chapter's code on Keras 3: `python -m benchmarks.training.keras3 …`."""

import keras

from benchmarks.training.plain import take_turns

if __name__ == "__main__":
    take_turns(keras, f"keras {keras.__version__}")
