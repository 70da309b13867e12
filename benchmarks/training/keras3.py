"""The chapter's code on Keras 3: `python -m benchmarks.training.keras3 …`."""

import keras

from benchmarks.training.plain import Training


def main() -> None:
    """Train until there are no more turns. Each turn is a call of `fit` for one epoch.

    Keras 3 creates an iterator for each epoch. To destroy it, Keras waits for a thread that tunes
    the dataset. The thread sleeps longer and longer after the first use of the iterator. Within a
    single `fit`, the iterator would exist until the next turn, and the time to wait would grow with
    the duration of the other candidates' turns.
    """
    training = Training(keras, f"keras {keras.__version__}")
    while True:
        training.worker.begin()
        history = training.fit(epochs=1)
        training.worker.stop()
        training.report(history.history["loss"][0])


if __name__ == "__main__":
    main()
