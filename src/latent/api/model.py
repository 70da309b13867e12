"""Uses of a trained model: generate, reconstruct, edit and morph images, and find similar ones."""

from collections.abc import Mapping, Sequence
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from latent.api.attributes import check_factor, find_vector
from latent.api.codec import Vector
from latent.api.data import Neighbours
from latent.api.images import ImageInput, Images, Pixels
from latent.api.sheets import to_pil
from latent.api.trained import TrainedModel
from latent.errors import InputError
from latent.latent_space import arithmetic
from latent.latent_space.sampling import sample_bounding_box, sample_prior

Pictures = list[Image.Image] | Pixels

# Test embeddings whose bounding box an autoencoder's points are sampled from: as many as in figure
# 3-8, by the default of figures.ae_fashion.embedded (example 3-11).
BOX = 5000


class Model(TrainedModel):
    """A trained autoencoder or VAE.

    `Model.load("vae_faces")` loads a model, with its attribute vectors and, if the project has
    them, its dataset and its embeddings. Methods return PIL images or, with `as_arrays`, uint8
    arrays (N, H, W, C).

    Images are paths, bytes of image files, PIL images, or uint8 arrays (H, W) or (H, W, 1, 3 or 4),
    of any size. They are prepared as the pipeline prepared the training images. An array of the
    model's own image shape (H, W, C) counts as prepared. `images` stands for one image or several.

    Attributes:
        provenance: what the model was made from.
        name: name of its folder in models/, such as "vae_faces".
        kind: "ae" for an autoencoder, "vae" for a variational autoencoder.
        latent_dim: number of dimensions of the latent space.
        image_shape: height, width and channels of an image.
        is_sample: whether it was trained on synthetic sample data.
        source_name: name of the training data, as in the figures.
    """

    @overload
    def decode(self, z: ArrayLike, as_arrays: Literal[False] = False) -> list[Image.Image]: ...
    @overload
    def decode(self, z: ArrayLike, as_arrays: Literal[True]) -> Pixels: ...
    def decode(self, z: ArrayLike, as_arrays: bool = False) -> Pictures:
        """Decode points of the latent space, (N, latent_dim).

        Raises:
            InputError: the points have another shape, are not finite, or are so large that the
                decoder's computations overflow.

        >>> model.decode([[0, 0, 0, 0], [1, 0, 0, 0]], as_arrays=True).shape
        (2, 32, 32, 3)
        """
        return self._show(z, as_arrays)

    @overload
    def reconstruct(
        self, images: Images, as_arrays: Literal[False] = False
    ) -> list[Image.Image]: ...
    @overload
    def reconstruct(self, images: Images, as_arrays: Literal[True]) -> Pixels: ...
    def reconstruct(self, images: Images, as_arrays: bool = False) -> Pictures:
        """Encode images, and decode their embeddings.

        Raises:
            InputError: an image cannot be used.

        >>> [image.size for image in model.reconstruct([photo, photo])]
        [(32, 32), (32, 32)]
        """
        return self._show(self.encode(images), as_arrays)

    def sample(self, count: int, seed: int = 0) -> Vector:
        """Sample points of the latent space, float32 (count, latent_dim).

        The points of a VAE are sampled from the prior N(0, I). An autoencoder has no prior: its
        points are sampled uniformly from the bounding box of the embeddings of test images.

        Raises:
            InputError: the project does not have the embeddings that an autoencoder needs.

        >>> model.sample(3, seed=1).shape
        (3, 4)
        """
        _check_integers(("count", count, 0), ("seed", seed, 0))
        if self.kind == "vae":
            return sample_prior(count, self.latent_dim, seed)
        return sample_bounding_box(self.embeddings("test")[:BOX], count, seed)

    @overload
    def generate(
        self, count: int, seed: int = 0, as_arrays: Literal[False] = False
    ) -> list[Image.Image]: ...
    @overload
    def generate(self, count: int, seed: int = 0, *, as_arrays: Literal[True]) -> Pixels: ...
    def generate(self, count: int, seed: int = 0, as_arrays: bool = False) -> Pictures:
        """Decode points from `sample`.

        Raises:
            InputError: the project does not have the embeddings that an autoencoder needs.

        >>> len(model.generate(3, seed=1))
        3
        """
        return self._show(self.sample(count, seed), as_arrays)

    @overload
    def edit(
        self, image: ImageInput, changes: Mapping[str, float], as_arrays: Literal[False] = False
    ) -> Image.Image: ...
    @overload
    def edit(
        self, image: ImageInput, changes: Mapping[str, float], as_arrays: Literal[True]
    ) -> Pixels: ...
    def edit(
        self, image: ImageInput, changes: Mapping[str, float], as_arrays: bool = False
    ) -> Image.Image | Pixels:
        """Change attributes of one image: decode z + Σ α · v̂, with v̂ of length 1.

        Args:
            image: one image.
            changes: α of each attribute, in units of the latent space.
            as_arrays: return uint8 (H, W, C) instead of a PIL image.

        Raises:
            InputError: the image cannot be used, an attribute is unknown or has no vector, or α is
                not finite.

        >>> model.edit(photo, {"Smiling": 3, "Eyeglasses": -2}).size
        (32, 32)
        """
        z = self._encode_one(image)
        for name, factor in changes.items():
            z = self._along(z, name, [factor])[0]
        return self._show(z[np.newaxis], as_arrays)[0]

    @overload
    def sweep(
        self,
        image: ImageInput,
        attribute: str,
        factors: Sequence[float],
        as_arrays: Literal[False] = False,
    ) -> list[Image.Image]: ...
    @overload
    def sweep(
        self,
        image: ImageInput,
        attribute: str,
        factors: Sequence[float],
        as_arrays: Literal[True],
    ) -> Pixels: ...
    def sweep(
        self,
        image: ImageInput,
        attribute: str,
        factors: Sequence[float],
        as_arrays: bool = False,
    ) -> Pictures:
        """Change an attribute of one image by several α, as in figure 3-19.

        Raises:
            InputError: as for `edit`.

        >>> len(model.sweep(photo, "Smiling", [-4, -2, 0, 2, 4]))
        5
        """
        return self._show(self._along(self._encode_one(image), attribute, factors), as_arrays)

    @overload
    def morph(
        self,
        image_a: ImageInput,
        image_b: ImageInput,
        steps: int = 11,
        as_arrays: Literal[False] = False,
    ) -> list[Image.Image]: ...
    @overload
    def morph(
        self, image_a: ImageInput, image_b: ImageInput, steps: int = 11, *, as_arrays: Literal[True]
    ) -> Pixels: ...
    def morph(
        self, image_a: ImageInput, image_b: ImageInput, steps: int = 11, as_arrays: bool = False
    ) -> Pictures:
        """Decode evenly spaced points from the embedding of image A to that of image B.

        Args:
            image_a: one image.
            image_b: one image.
            steps: number of points, including both ends.
            as_arrays: return uint8 (steps, H, W, C) instead of PIL images.

        Raises:
            InputError: an image cannot be used.

        >>> len(model.morph(photo, model.dataset.test.images[0], steps=5))
        5
        """
        _check_integers(("steps", steps, 2))
        z_a, z_b = self._encode_one(image_a), self._encode_one(image_b)
        return self._show(arithmetic.morph(z_a, z_b, steps), as_arrays)

    def nearest(self, image: ImageInput, count: int = 10, as_arrays: bool = False) -> Neighbours:
        """Return the training images whose embeddings are nearest to that of an image.

        Of images at equal distances, the first in the training set is the nearest.

        Raises:
            InputError: the image cannot be used, or the project does not have the dataset of the
                model or its embeddings.

        >>> neighbours = model.nearest(model.dataset.train.images[2], count=3)
        >>> neighbours.rows[0], neighbours.distances[0]
        (np.int64(2), np.float64(0.0))
        """
        _check_integers(("count", count, 1))
        rows, distances = self._data.nearest(self._encode_one(image), count)
        images, ids, labels = self._data.describe(rows)
        return Neighbours(_shown(images, as_arrays), ids, labels, distances, rows)

    def _encode_one(self, image: ImageInput) -> Vector:
        embedded = self.encode(image)
        if len(embedded) != 1:
            raise InputError(f"{len(embedded)} images; allowed is one")
        z: Vector = embedded[0]
        return z

    def _along(self, z: Vector, attribute: str, factors: Sequence[float]) -> Vector:
        vector = find_vector(self.attributes, attribute)
        return arithmetic.edit(z, vector, [check_factor(attribute, factor) for factor in factors])

    def _show(self, z: ArrayLike, as_arrays: bool) -> Pictures:
        return _shown(self._codec.decode(z), as_arrays)


def _shown(images: Pixels, as_arrays: bool) -> Pictures:
    return images if as_arrays else [to_pil(image) for image in images]


def _check_integers(*arguments: tuple[str, int, int]) -> None:
    """Raise InputError if an argument, given with its name and minimum, is not such an integer."""
    for name, value, least in arguments:
        if not isinstance(value, (int, np.integer)) or value < least:
            raise InputError(f"{name} is {value!r}; must be an integer of at least {least}")
