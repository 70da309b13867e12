"""The encoder and the decoder of a model, for images and points of any number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latent.api.images import ImageInput, Images, Pixels, each_image, prepare_images
from latent.api.provenance import TrainingData
from latent.errors import InputError
from latent.models import inference

if TYPE_CHECKING:
    # `latent.models` starts Keras.
    import keras

Vector = NDArray[np.float32]
T = TypeVar("T", bound=ImageInput)


class Batch(NamedTuple, Generic[T]):
    """A batch of images that were encoded.

    Attributes:
        images: the images that could be used.
        z_mean: their embeddings, float32 (len(images), latent_dim).
        errors: one line for each image that could not be used.
    """

    images: list[T]
    z_mean: Vector
    errors: list[str]


class Codec:
    """An encoder and its decoder.

    Args:
        encoder: from `latent.models.networks`.
        decoder: from `latent.models.networks`.
        data: the images that they were trained on.
    """

    def __init__(self, encoder: keras.Model, decoder: keras.Model, data: TrainingData) -> None:
        self.latent_dim = int(decoder.input_shape[1])
        self._encoder = encoder
        self._decoder = decoder
        self._data = data

    def prepare(self, images: Images) -> Pixels:
        """Return images as the pipeline prepared the training images, uint8 (N, H, W, C).

        Raises:
            InputError: an image cannot be used.
        """
        prepared = prepare_images(list(each_image(images)), 1, self._data)
        for image in prepared:
            if isinstance(image, InputError):
                raise image
        return np.array(prepared, np.uint8).reshape(-1, *self._data.shape)

    def encode(self, images: Iterable[T], batch_size: int) -> Iterator[Batch[T]]:
        """Yield embeddings, with one batch of images in memory at a time."""
        remaining, first = iter(images), 1
        while chunk := list(islice(remaining, batch_size)):
            results = prepare_images(chunk, first, self._data)
            first += len(chunk)
            pairs = [
                (image, result)
                for image, result in zip(chunk, results, strict=True)
                if not isinstance(result, InputError)
            ]
            errors = [str(result) for result in results if isinstance(result, InputError)]
            z_mean = self._embed([result for _, result in pairs])
            yield Batch([image for image, _ in pairs], z_mean, errors)

    def _embed(self, prepared: list[Pixels]) -> Vector:
        """Return the embeddings of prepared images, with the bits of the stage embed."""
        if not prepared:
            return np.empty((0, self.latent_dim), np.float32)
        # Matrix products of a single row are rounded differently from those of several rows.
        rows = np.stack(prepared if len(prepared) > 1 else prepared * 2)
        outputs = next(inference.encode(self._encoder, rows, len(rows), traced=False))
        return outputs[0][: len(prepared)]

    def trace(self) -> None:
        """Decode by a graph from now on. Tracing it takes about a second."""
        decoder = self._decoder
        for count in (1, 2):  # after two sizes of a batch, Keras' graph accepts any size
            decoder.predict_on_batch(np.zeros((count, self.latent_dim), np.float32))
        self._decoder = lambda z, training: decoder.predict_on_batch(z)

    def decode(self, z: ArrayLike) -> Pixels:
        """Return the images decoded from points (N, latent_dim), uint8 (N, H, W, C).

        Raises:
            InputError: the points have another shape, are not finite, or are so large that the
                decoder's computations overflow.
        """
        try:
            with np.errstate(over="ignore"):
                points = np.asarray(z, np.float32)
        except (TypeError, ValueError):
            raise InputError(f"z: must be numbers (N, {self.latent_dim})") from None
        if points.ndim != 2 or points.shape[1] != self.latent_dim:
            raise InputError(f"z: has the shape {points.shape}; allowed is (N, {self.latent_dim})")
        if not np.isfinite(points).all():
            raise InputError("z: must be finite numbers of type float32")
        if not len(points):
            return np.empty((0, *self._data.shape), np.uint8)
        try:
            with np.errstate(invalid="raise"):
                return inference.decode(self._decoder, points)
        except FloatingPointError:
            raise InputError("z: too large, the decoder's computations overflow") from None
