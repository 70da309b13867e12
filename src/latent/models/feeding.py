"""Passes batches of images to the backend that trains on them."""

from collections.abc import Iterator
from typing import Any

import keras

from latent.models.runtime import backend

# Batches that are prepared while the backend trains on earlier ones.
PREFETCHED = 2


def feed(batches: keras.utils.PyDataset) -> Any:
    """Return `batches` in the form that `fit` should receive.

    For TensorFlow, `fit` would turn them into a dataset with autotuning. At the end of each epoch
    it would then wait for the autotuning thread: up to a minute, and in the worst case as long as
    the epoch took. Slicing an array needs no tuning. So for TensorFlow this function returns a
    dataset without autotuning. Other backends receive `batches` unchanged.

    Args:
        batches: `on_epoch_begin` is called at the start of each epoch. `on_epoch_end` is called on
            some backends only.
    """
    if backend() != "tensorflow":
        return batches
    import tensorflow as tf  # noqa: PLC0415, may be missing with another backend

    def epoch() -> Iterator[Any]:
        batches.on_epoch_begin()
        for index in range(len(batches)):
            yield batches[index]

    signature = tuple(tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in batches[0])
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_generator(epoch, output_signature=signature)
    counted = dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))
    return counted.prefetch(PREFETCHED).with_options(options)
