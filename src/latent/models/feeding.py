"""The way of the images to the device that trains on them."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import ops
from numpy.typing import NDArray

from latent.models.runtime import backend, device

# Batches that are made while the backend trains on those before.
AHEAD = 2
# Of an accelerator's memory that the images may take; the smallest in use have 8 GiB.
LARGEST_RESIDENT = 4 * 2**30


class ImageModel(keras.Model):
    """A model that is given batches of images, or that keeps all of them and is given row numbers.

    On an accelerator the second spares it the way of every image in every epoch. Either way they
    are uint8, a quarter of what float32 takes, until the graph scales them.

    Attributes:
        images: uint8 (N, H, W, C) on the device, or None where batches are images.
    """

    images: keras.Variable | None = None

    def keep(self, *splits: NDArray[np.uint8]) -> None:
        """Put the images on the device, one split after the other, before the model is built."""
        self.images = keras.Variable(np.concatenate(splits), dtype="uint8", trainable=False)

    def look_up(self, batch: Tensor) -> Tensor:
        """Return the batch's images, uint8 (n, H, W, C), given as such or as int32 (n,)."""
        if self.images is None:
            return batch
        if backend() == "tensorflow":
            import tensorflow as tf  # noqa: PLC0415, another backend may have none

            # From the variable itself: out of its value, TensorFlow gathers bytes on the CPU alone.
            return tf.gather(self.images.value, batch)
        return ops.take(self.images, batch, axis=0)


def may_keep(*splits: NDArray[np.uint8]) -> bool:
    """Say whether there is an accelerator, and room on it for all of the images.

    A processor has the images in its own memory already, mapped from the disk.
    """
    return device() != "cpu" and sum(images.nbytes for images in splits) <= LARGEST_RESIDENT


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
