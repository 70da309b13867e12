"""A model as the explorer uses it: everything that a page asks of one model."""

import base64
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.api.attributes import COLUMNS, check_factor, find_vector
from latent.api.model import Model
from latent.api.sheets import encode_gif
from latent.errors import InputError
from latent.evaluate_edits.vectors import orthogonal_vectors
from latent.explorer.geometry import find_plane, informative_dimensions
from latent.io.dataset import read_array
from latent.io.paths import ModelPaths
from latent.latent_space import arithmetic

Vector = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Json = dict[str, Any]
T = TypeVar("T")


class Explored:
    """A loaded model, and what is computed once for it.

    Attributes:
        model: the model.
        notes: why something of the project cannot be used with the model, a line each.
    """

    def __init__(self, name: str, root: Path) -> None:
        """Load a model.

        Args:
            name: name of a folder in models/.
            root: folder of the project.

        Raises:
            InputError: the model is missing or damaged.
        """
        self.model = Model.load(name, root)
        self.model.trace()
        self.notes: list[str] = []
        # Held while the model computes. TensorFlow uses all of its threads for one computation, so
        # several at once would only slow down each other.
        self._lock = threading.Lock()
        self._paths = ModelPaths(name, root)
        self._test = None if self.model.dataset is None else self.model.dataset.test
        self._points: Vector | None = None
        if self._test is None:
            folder = self._paths.dataset.processed.relative_to(root)
            self.notes.append(
                f"{folder}: missing, or not the data that {name} was trained on. Without it, there "
                "are no test images. `dvc repro` makes it."
            )
        else:
            self._points = self._try(lambda: self.model.embeddings("test"))
        table = self._try(lambda: self.model.attributes)
        self._attributes = pd.DataFrame(columns=COLUMNS) if table is None else table

    def _try(self, read: Callable[[], T]) -> T | None:
        """Return what is read. If it does not belong to the model, note why and return None."""
        try:
            return read()
        except InputError as error:
            self.notes.append(str(error))
            return None

    def describe(self) -> Json:
        """Return what a page shows about the model."""
        model = self.model
        return {
            "name": model.name,
            "kind": model.kind,
            "latent_dim": model.latent_dim,
            "shape": model.image_shape,
            "source": model.source_name,
            "is_sample": model.is_sample,
            "train_images": model.provenance.data.images["train"],
            "test_images": 0 if self._test is None else len(self._test.images),
            "has_embeddings": self._points is not None,
            # An autoencoder's samples are from the bounding box of the embeddings.
            "has_samples": model.kind == "vae" or self._points is not None,
            "notes": self.notes,
            "attributes": [
                {
                    "name": row["attribute"],
                    "auc": None if np.isnan(row["auc"]) else row["auc"],
                    "with": row["with"],
                    "without": row["without"],
                    "has_vector": bool(has),
                }
                for row, has in zip(
                    self._attributes.to_dict("records"), self._has_vector, strict=True
                )
            ],
            "dimensions": self._dimensions,
        }

    @cached_property
    def _has_vector(self) -> NDArray[np.bool_]:
        vectors = np.array(self._attributes["vector"].tolist(), np.float32)
        return arithmetic.has_direction(vectors.reshape(-1, self.model.latent_dim))

    @cached_property
    def _dimensions(self) -> list[Json]:
        log_var = self._paths.embeddings / "test_z_log_var.npy"
        return informative_dimensions(
            self.model.latent_dim,
            self._points,
            # Without the embeddings of this model, the file is not of this model either.
            read_array(log_var) if self._points is not None and self.model.kind == "vae" else None,
        )

    @cached_property
    def plane(self) -> Json:
        """The plane of the latent space that a page shows, with the embeddings of test images.

        Raises:
            InputError: the project does not have the embeddings.
        """
        plane = find_plane(self._require_points())
        assert self.model.dataset is not None
        labels = [] if not self._labels else [self._labels[row] for row in plane.rows]
        classes = self.model.dataset.classes if labels else []
        return {
            "points": np.round(plane.points, 4).tolist(),
            "rows": plane.rows.tolist(),
            "labels": [classes.index(label) for label in labels],
            "classes": classes,
            "origin": plane.origin.tolist(),
            "basis": plane.basis.tolist(),
            "axes": plane.axes,
            "note": plane.note,
        }

    def _require_points(self) -> Vector:
        if self._points is None:
            raise InputError(self.notes[0])
        return self._points

    @cached_property
    def _labels(self) -> list[str]:
        """The class of each test image. Empty without classes."""
        if self._test is None or self.model.dataset is None:
            return []
        return self.model.dataset.labels(self._test)

    def sample(self, seed: int) -> Json:
        """Return a random point of the latent space and its image.

        Raises:
            InputError: an autoencoder's embeddings, from whose box it samples, are missing.
        """
        return self._start(self.model.sample(1, seed), None, f"sample {seed}")

    def test_image(self, row: int) -> Json:
        """Return a test image, its embedding and its reconstruction.

        Raises:
            InputError: there is no such image.
        """
        if self._test is None:
            raise InputError(self.notes[0])
        if not 0 <= row < len(self._test.images):
            raise InputError(f"test image {row}: must be from 0 to {len(self._test.images) - 1}")
        return self._encode(np.asarray(self._test.images[row]), self._name(row))

    def _name(self, row: int) -> str:
        """Return the class of a test image, or its id if there are no classes."""
        assert self._test is not None
        return self._labels[row] if self._labels else str(self._test.table["image_id"].iloc[row])

    def photo(self, content: bytes) -> Json:
        """Return a photo as the model sees it, its embedding and its reconstruction.

        Args:
            content: bytes of an image file.

        Raises:
            InputError: the content is not an image, or has too many pixels.
        """
        try:
            prepared = self.model.prepare(content)[0]
        except InputError as error:
            # The interface numbers its images. Here is only one.
            raise InputError(f"photo: {str(error).partition(': ')[2]}") from None
        return self._encode(prepared, "photo")

    def _encode(self, image: Pixels, name: str) -> Json:
        with self._lock:
            z = self.model.encode(image)
        return self._start(z, image, name)

    def _start(self, z: Vector, original: Pixels | None, name: str) -> Json:
        """Return an image that a page can start from: its name, embedding and pixels."""
        return {
            "name": name,
            "z": z[0].tolist(),
            "original": None if original is None else to_text(original),
            "reconstruction": to_text(self.decode(z)[0]),
        }

    def decode(self, z: Sequence[Sequence[float]] | Vector) -> Pixels:
        """Return the images of points, uint8 (N, H, W, C).

        Raises:
            InputError: a point has another number of dimensions than the latent space, or is too
                large.
        """
        points = self._to_points(z)
        with self._lock:
            return self.model.decode(points, as_arrays=True)

    def _to_points(self, z: Sequence[Sequence[float]] | Vector) -> Vector:
        """Return points as an array, float32 (N, latent_dim)."""
        dim = self.model.latent_dim
        wrong = next((len(point) for point in z if len(point) != dim), None)
        if wrong is not None:
            raise InputError(f"z: {wrong} dimensions; {self.model.name} has {dim}")
        with np.errstate(over="ignore"):  # the model rejects infinite numbers
            return np.asarray(z, np.float32)

    def edit(self, z: Sequence[float], changes: Mapping[str, float], orthogonal: bool) -> Pixels:
        """Return the image of a point that is edited along attribute vectors, uint8 (H, W, C).

        Args:
            z: the point, of latent_dim numbers.
            changes: α by attribute, in units of the latent space.
            orthogonal: whether to use the orthogonalised vectors.

        Raises:
            InputError: an attribute is unknown or has no vector, or the number of dimensions is
                wrong.
        """
        point = self._to_points([z])[0]
        for name, alpha in changes.items():
            vector = find_vector(self._attributes, name)
            if orthogonal:
                vector = self._orthogonal[name]
            point = arithmetic.edit(point, vector, [check_factor(name, alpha)])[0]
        image: Pixels = self.decode(point[np.newaxis])[0]
        return image

    @cached_property
    def _orthogonal(self) -> dict[str, Vector]:
        table = self._attributes[self._has_vector]
        vectors = orthogonal_vectors(np.stack(table["vector"].tolist()))
        return dict(zip(table["attribute"], vectors, strict=True))

    def morph(self, a: Sequence[float], b: Sequence[float], steps: int) -> Pixels:
        """Return the images of evenly spaced points from a to b, uint8 (steps, H, W, C)."""
        ends = self._to_points([a, b])
        return self.decode(arithmetic.morph(ends[0], ends[1], steps))

    def morph_gif(self, a: Sequence[float], b: Sequence[float], steps: int) -> bytes:
        """Return the images of `morph` as an animated GIF."""
        return encode_gif(self.morph(a, b, steps))

    def nearest(self, z: Sequence[float], count: int) -> list[Json]:
        """Return the test images whose embeddings are nearest to a point, the nearest first.

        Raises:
            InputError: the project does not have the embeddings.
        """
        points, point = self._require_points(), self._to_points([z])[0]
        assert self._test is not None
        # The square of a large float32 would be infinite.
        distances = np.linalg.norm(points - point.astype(np.float64), axis=1)
        return [
            {
                "name": self._name(row),
                "distance": float(distances[row]),
                "pixels": to_text(np.asarray(self._test.images[row])),
            }
            for row in np.argsort(distances, kind="stable")[:count].tolist()
        ]


def to_text(image: Pixels) -> str:
    """Return the bytes of an image as base64, for JSON."""
    return base64.b64encode(np.ascontiguousarray(image).tobytes()).decode()
