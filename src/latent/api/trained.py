"""The parts of a trained model, and embeddings of images of any kind."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pandas as pd

from latent.api.attributes import read_attributes
from latent.api.codec import Batch, Codec, T, Vector
from latent.api.data import Dataset, ProjectData
from latent.api.images import Images, Pixels, each_image
from latent.api.location import ModelFiles, find_model
from latent.errors import InputError
from latent.io.dataset import read_array
from latent.models.inference import BATCH_SIZE
from latent.models.storage import load_model


class TrainedModel:
    """What `latent.api.model.Model` loads, and how it encodes images."""

    def __init__(self, files: ModelFiles) -> None:
        self.provenance = files.provenance
        self.name = files.provenance.model_name
        self.kind = files.provenance.kind
        self.image_shape = files.provenance.data.shape
        self.is_sample = files.provenance.is_sample
        self.source_name = files.provenance.source_name
        encoder = load_model(files.folder / "encoder.keras")
        decoder = load_model(files.folder / "decoder.keras")
        self._codec = Codec(encoder, decoder, files.provenance.data)
        self.latent_dim = self._codec.latent_dim
        self._data = ProjectData(files.paths, files.provenance.data.digest, self.encode)
        self._attributes = read_attributes(files.vectors)
        self._is_logged = files.is_logged
        self._is_in_project = files.are_in_project

    @classmethod
    def load(cls, location: str | Path, root: str | Path = Path()) -> Self:
        """Load a model. The threads and seeds of the process are not changed.

        Args:
            location: the name of a model in models/, such as "vae_faces"; a folder; or an address
                in MLflow: "models:/vae_faces_decoder@newest" or "runs:/<run id>".
            root: the project's folder.

        Raises:
            InputError: there is no such model, or one of its files is missing or damaged.

        >>> Model.load("vae_faces", project)
        <Model vae_faces: 32×32×3, latent_dim 4, user-supplied images>
        """
        with find_model(location, Path(root)) as files:
            return cls(files)

    def trace(self) -> None:
        """Make the next calls of `decode` several times faster for a few points.

        The pixels stay the same. Tracing takes about a second, so it suits many calls.

        >>> model.trace()
        """
        self._codec.trace()

    def __repr__(self) -> str:
        shape = "×".join(map(str, self.image_shape))
        return f"<Model {self.name}: {shape}, latent_dim {self.latent_dim}, {self.source_name}>"

    @property
    def attributes(self) -> pd.DataFrame:
        """A row per attribute, the one with the highest AUC first.

        Columns: `attribute`, `auc`, `with` and `without` (numbers of training images), and
        `vector`, float32 (latent_dim,). The table is empty if the images have no attributes.

        Raises:
            InputError: the vectors belong to another model.

        >>> list(model.attributes)
        ['attribute', 'auc', 'with', 'without', 'vector']
        """
        if self._has_other_vectors:
            raise InputError(
                f"{self._data.paths.attribute_vectors}: not of the current {self.name}; "
                "run `dvc repro`"
            )
        return self._attributes.copy()

    @cached_property
    def _has_other_vectors(self) -> bool:
        vectors = self._attributes["vector"]
        if any(len(vector) != self.latent_dim for vector in vectors):
            return True
        if self._is_logged or not len(vectors):
            return False
        if self.dataset is None:
            # A folder elsewhere cannot be compared with the project's model.
            return not self._is_in_project
        return self._data.are_outdated or self._data.contradicts(self._attributes)

    @property
    def dataset(self) -> Dataset | None:
        """The dataset that the model was trained on; None if the project does not have it.

        >>> model.dataset.test.images[:2].shape
        (2, 32, 32, 3)
        """
        return self._data.dataset

    def embeddings(self, split: Literal["train", "test"]) -> Vector:
        """Return the embeddings z_mean of a split, float32 (N, latent_dim), mapped from disk.

        Raises:
            InputError: the project does not have them, or they are of another model.

        >>> bool((model.embeddings("test") == model.encode(model.dataset.test.images)).all())
        True
        """
        return read_array(self._data.embeddings(split))

    def prepare(self, images: Images) -> Pixels:
        """Return images as the pipeline prepared the training images, uint8 (N, H, W, C).

        Raises:
            InputError: an image cannot be used.

        >>> model.prepare([photo, Image.new("CMYK", (640, 480))]).shape
        (2, 32, 32, 3)
        """
        return self._codec.prepare(images)

    def encode(self, images: Images) -> Vector:
        """Return the embeddings z_mean of images, float32 (N, latent_dim).

        Raises:
            InputError: an image cannot be used.

        >>> model.encode(photo).shape
        (1, 4)
        """
        embedded = [np.empty((0, self.latent_dim), np.float32)]
        for batch in self.encode_batches(each_image(images)):
            if batch.errors:
                raise InputError(batch.errors[0])
            embedded.append(batch.z_mean)
        return np.concatenate(embedded)

    def encode_batches(
        self, images: Iterable[T], batch_size: int = BATCH_SIZE
    ) -> Iterator[Batch[T]]:
        """Yield the embeddings of any number of images, with one batch in memory at a time.

        Images that cannot be used are left out and named.

        >>> for batch in model.encode_batches([photo, "missing.jpg"]):
        ...     print(batch.z_mean.shape, batch.errors)
        (1, 4) ['missing.jpg: cannot be read: No such file or directory']
        """
        return self._codec.encode(images, batch_size)
