"""What batch normalisation requires of a training: large enough batches and enough steps.

In training, a layer normalises with the mean and the variance of the batch, and each step moves its
moving averages towards these. Afterwards the layer normalises with the moving averages.
"""

import math
from collections.abc import Sequence

import keras

from latent.errors import InputError
from latent.models.layers import MOMENTUM

# The mean of n images has a standard error of 1/√n of the standard deviation: 25 % for 16 images.
# Each batch has the same weight in the moving averages. Measured with a VAE of faces, two batches
# per epoch, the first of 128 images: compared with two equal batches, a batch of one image doubles
# the test loss. Two images raise it by 17 %, four by 7 %, eight by 3 % and sixteen by 2 %.
SMALL_BATCH = 16
# Steps after which the moving averages hold at most 1 % of their initial values, 0 and 1.
MIN_STEPS = math.ceil(math.log(0.01, MOMENTUM))


def has_batch_norm(layers: Sequence[keras.layers.Layer]) -> bool:
    """Return whether some of the layers are batch normalisation."""
    return any(isinstance(layer, keras.layers.BatchNormalization) for layer in layers)


def batch_slices(images: int, batch_size: int, batch_norm: bool) -> list[slice]:
    """Return the rows of each batch of an epoch.

    All batches have `batch_size` images, and the last one has the rest. With batch normalisation,
    a rest of fewer than 16 images and less than half a batch is not a batch of its own. The images
    are then spread over the same number of batches, whose sizes differ by one at most. The batches
    have at least half of `batch_size` images, and all images are used.

    Args:
        images: number of images.
        batch_size: maximum number of images per batch. An odd number of images in batches of 2
            makes one batch of 3, because a batch of one image has no variance.
        batch_norm: whether the model has batch normalisation.

    Raises:
        InputError: there is only one image, and the model has batch normalisation.
    """
    count = math.ceil(images / batch_size)
    rest = images - (count - 1) * batch_size
    if not batch_norm or rest >= max(2, min(SMALL_BATCH, batch_size / 2)):
        starts = range(0, images, batch_size)
        return [slice(start, min(start + batch_size, images)) for start in starts]
    if images < 2:
        raise InputError(
            "1 training image is not enough for batch normalisation; add images, or remove "
            "batch_norm from block and dense_block"
        )
    count = min(count, images // 2)
    return [
        slice(number * images // count, (number + 1) * images // count) for number in range(count)
    ]


def too_few_steps(steps: int, layers: Sequence[keras.layers.Layer]) -> bool:
    """Return whether the moving averages of batch normalisation have not settled.

    Results on test images are then not those of the trained network.

    Args:
        steps: number of training steps.
        layers: layers of the model. Without batch normalisation the result is False.
    """
    return steps < MIN_STEPS and has_batch_norm(layers)


def few_steps_warning(steps: int) -> str:
    """Return a warning for a training with `too_few_steps`."""
    return (
        f"The training had only {steps} steps. The moving averages of batch normalisation still "
        f"hold {MOMENTUM**steps:.0%} of their initial values, so results on test images are "
        f"unreliable. Train for at least {MIN_STEPS} steps: raise epochs or lower batch_size"
    )
