"""The chapter's code on the Keras it was written for: `python -m benchmarks.training.chapter …`."""

import tf_keras

from benchmarks.training.plain import Training
from benchmarks.training.workload import EPOCHS


def main() -> None:
    """Train until there are no more turns, each an epoch of one `fit`.

    Keras 2 keeps one iterator for all epochs. A `fit` of its own for each would wait after each for
    the thread of which `benchmarks.training.keras3` tells, and a training does so once.
    """
    training = Training(tf_keras, f"tf_keras {tf_keras.__version__}")

    def end_turn(epoch: int, logs: dict[str, float]) -> None:
        training.worker.stop()
        training.answer(logs["loss"])

    timer = tf_keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: training.worker.begin(), on_epoch_end=end_turn
    )
    training.fit(epochs=EPOCHS, callbacks=[timer])


if __name__ == "__main__":
    main()
