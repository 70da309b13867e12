"""Read all images of a folder into arrays with Keras: `python -m benchmarks.read_keras …`.

Prints how many images there are and how many seconds they took, imports not counted.
"""

import os
import sys
import time

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

BATCH = 128  # example 3-15


def main(folder: str, count: int, size: int) -> None:
    """Do what the chapter does (example 3-15), and make bytes of each batch."""
    began = time.perf_counter()
    batches = keras.utils.image_dataset_from_directory(
        folder,
        labels=None,
        batch_size=BATCH,
        image_size=(size, size),
        shuffle=False,
        verbose=False,
    )
    found = sum(len(batch.numpy().astype(np.uint8)) for batch in batches)
    seconds = time.perf_counter() - began
    if found != count:
        sys.exit(f"{found} images are not {count}")
    sys.stdout.write(f"{count} {seconds}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
