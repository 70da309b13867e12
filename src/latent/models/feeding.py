"""The way of the images to the device that trains on them."""

from collections.abc import Iterator
from typing import Any

import keras

from latent.models.runtime import backend

# Batches that are made while the backend trains on those before.
AHEAD = 2


def feed(batches: keras.utils.PyDataset) -> Any:
    """Return what `fit` is to take an epoch's batches from.

    Keras hands TensorFlow any batches as a dataset that tunes itself, in a thread that it waits
    for at the end of an epoch: as long again as the epoch took, at worst, and up to a minute.
    There is nothing to tune in cutting an array, so TensorFlow gets a dataset that does not.

    Args:
        batches: `on_epoch_begin` tells them of each epoch; `on_epoch_end` does on some backends
            only.
    """
    if backend() != "tensorflow":
        return batches
    import tensorflow as tf  # noqa: PLC0415, another backend may have none

    def epoch() -> Iterator[Any]:
        batches.on_epoch_begin()
        for index in range(len(batches)):
            yield batches[index]

    signature = tuple(tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in batches[0])
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_generator(epoch, output_signature=signature)
    counted = dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))
    return counted.prefetch(AHEAD).with_options(options)
