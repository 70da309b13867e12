"""The chapter's code on the Keras it was written for: `python -m benchmarks.training.chapter …`."""

import tf_keras

from benchmarks.training.plain import take_turns

if __name__ == "__main__":
    take_turns(tf_keras, f"tf_keras {tf_keras.__version__}")
