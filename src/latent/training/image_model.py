"""Base class of models that train on images in host memory or in accelerator memory."""

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import ops
from numpy.typing import NDArray

from latent.models.runtime import backend, device

# Bytes of accelerator memory that the images may take. Small accelerators have 8 GiB.
MAX_DEVICE_BYTES = 4 * 2**30


class ImageModel(keras.Model):
    """A model whose batches are images, or row numbers of images that are on the device.

    With row numbers, no image is copied to the accelerator more than once. The images stay uint8,
    a quarter of the size of float32, until the graph scales them.

    Attributes:
        images: uint8 (N, H, W, C) on the device; None if the batches are images.
    """

    images: keras.Variable | None = None

    def load_to_device(self, *splits: NDArray[np.uint8]) -> None:
        """Concatenate the splits and copy them to the device; call this before building."""
        self.images = keras.Variable(np.concatenate(splits), dtype="uint8", trainable=False)

    def get_images(self, batch: Tensor) -> Tensor:
        """Return the images of a batch, uint8 (n, H, W, C).

        Args:
            batch: the images, or their row numbers, int32 (n,), if the images are on the device.
        """
        if self.images is None:
            return batch
        if backend() == "tensorflow":
            import tensorflow as tf  # noqa: PLC0415, may be missing with another backend

            # TensorFlow gathers uint8 on an accelerator only from a variable, not from a tensor.
            return tf.gather(self.images.value, batch)
        return ops.take(self.images, batch, axis=0)


def fits_on_device(*splits: NDArray[np.uint8]) -> bool:
    """Return whether all images fit into the memory of an accelerator.

    Always False on a CPU, which reads the images from the memory-mapped files.
    """
    return device() != "cpu" and sum(images.nbytes for images in splits) <= MAX_DEVICE_BYTES
