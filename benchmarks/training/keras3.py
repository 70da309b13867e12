"""The chapter's code on Keras 3: `python -m benchmarks.training.keras3 …`."""

import keras

from benchmarks.training.plain import Training


def main() -> None:
    """Train until there are no more turns, each a `fit` of one epoch.

    Keras 3 makes an iterator for each epoch, and to end it waits for a thread that tunes the data
    set and sleeps ever longer from the iterator's first use. Within one `fit` the iterator would
    live until the next turn, and the sleep grow with the turns of the others.
    """
    training = Training(keras, f"keras {keras.__version__}")
    while True:
        training.worker.begin()
        history = training.fit(epochs=1)
        training.worker.stop()
        training.answer(history.history["loss"][0])


if __name__ == "__main__":
    main()
