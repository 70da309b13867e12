"""Keras models that are trained on images: from the host's memory or from the device's."""

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import ops
from numpy.typing import NDArray

from latent.models.runtime import backend, device

# Bytes of an accelerator's memory that the images may take. The smallest in use have 8 GiB.
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
