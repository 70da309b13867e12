"""Reads all images of a folder into arrays with Keras: `python -m benchmarks.read_keras …`.

Prints the number of images and the seconds, without imports.
"""

import os
import sys
import time

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

BATCH = 128  # example 3-15


def main(folder: str, count: int, size: int) -> None:
    """Read images as the chapter does (example 3-15) and convert each batch to uint8."""
    start = time.perf_counter()
    batches = keras.utils.image_dataset_from_directory(
        folder,
        labels=None,
        batch_size=BATCH,
        image_size=(size, size),
        shuffle=False,
        verbose=False,
    )
    found = sum(len(batch.numpy().astype(np.uint8)) for batch in batches)
    seconds = time.perf_counter() - start
    if found != count:
        sys.exit(f"{folder}: found {found} images instead of {count}")
    sys.stdout.write(f"{count} {seconds}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
