"""The chapter's code on Keras 2: `python -m benchmarks.training.chapter …`."""

import tf_keras

from benchmarks.training.plain import Training
from benchmarks.training.workload import EPOCHS


def main() -> None:
    """Train until there are no more turns. Each turn is an epoch of a single call of `fit`.

    Keras 2 uses one iterator for all epochs of a `fit`, so it waits only once for the thread that
    `benchmarks.training.keras3` describes. One `fit` per turn would wait in each turn.
    """
    training = Training(tf_keras, f"tf_keras {tf_keras.__version__}")

    def end_turn(epoch: int, logs: dict[str, float]) -> None:
        training.worker.stop()
        training.report(logs["loss"])

    timer = tf_keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: training.worker.begin(), on_epoch_end=end_turn
    )
    training.fit(epochs=EPOCHS, callbacks=[timer])


if __name__ == "__main__":
    main()
