"""The dataset and the embeddings of a model, as far as those in the project belong to it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from latent.errors import InputError
from latent.io.dataset import Split, has_labels, read_array, read_record, read_split
from latent.io.paths import ModelPaths
from latent.latent_space.attribute_vectors import attribute_aucs

CHUNK = 8192  # embeddings in memory at a time
# Embeddings that are computed again, to find out whether those on disk are of the model. They may
# differ by the rounding of another device.
CHECKED, TOLERANCE = 8, 0.05
AUC_TOLERANCE = 0.001

Pixels = NDArray[np.uint8]
Vector = NDArray[np.float32]


class Dataset:
    """A processed dataset. Its arrays and tables are read when they are used first.

    Args:
        folder: folder of the processed dataset.

    Attributes:
        record: content of dataset.json.
        classes: names of the classes in the order of the labels; empty without classes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.record: dict[str, Any] = read_record(folder)
        self.classes: list[str] = self.record.get("classes", [])

    @cached_property
    def train(self) -> Split:
        """The training images, and their table."""
        return read_split(self._folder, "train")

    @cached_property
    def test(self) -> Split:
        """The test images, and their table."""
        return read_split(self._folder, "test")

    def labels(self, split: Split) -> list[str]:
        """Return the class name of each image of a split; an empty list without classes."""
        if not has_labels(split.table):
            return []
        return [self.classes[label] for label in split.table["label"]]


@dataclass(frozen=True)
class Neighbours:
    """The training images that are nearest to a point of the latent space, the nearest first.

    Attributes:
        images: PIL images, or uint8 (count, H, W, C).
        ids: `image_id` of each image.
        labels: name of each image's class; empty without classes.
        distances: Euclidean distance of each embedding to the point, float64 (count,).
        rows: row of each image in the training set.
    """

    images: list[Image.Image] | Pixels
    ids: list[str]
    labels: list[str]
    distances: NDArray[np.float64]
    rows: NDArray[np.intp]


class ProjectData:
    """The dataset and the embeddings of a model.

    Args:
        paths: the outs of the model in the project.
        digest: digest of the dataset that the model was trained on.
        encode: returns the model's embeddings of prepared images.
    """

    def __init__(self, paths: ModelPaths, digest: str, encode: Callable[[Pixels], Vector]) -> None:
        self.paths = paths
        self._digest = digest
        self._encode = encode

    @cached_property
    def dataset(self) -> Dataset | None:
        """The dataset that the model was trained on. None if the project does not have it."""
        folder = self.paths.dataset.processed
        if not (folder / "dataset.json").exists():
            return None
        dataset = Dataset(folder)
        return dataset if dataset.record.get("digest") == self._digest else None

    def require_dataset(self) -> Dataset:
        """Return the dataset that the model was trained on.

        Raises:
            InputError: the project does not have it.
        """
        if self.dataset is None:
            raise InputError(
                f"{self.paths.dataset.processed}: not the data that {self.paths.name} was trained "
                "on, or missing; run `dvc repro`"
            )
        return self.dataset

    def embeddings(self, split: str) -> Path:
        """Return the npy file of the embeddings z_mean of a split.

        Raises:
            InputError: the project does not have the embeddings of this model.
        """
        dataset = self.require_dataset()
        path = self.paths.embeddings / f"{split}_z_mean.npy"
        if not path.exists() or self.are_outdated:
            raise InputError(
                f"{path}: missing, or not of the current {self.paths.name}; run `dvc repro`"
            )
        images = dataset.train.images if split == "train" else dataset.test.images
        if len(read_array(path)) != len(images):
            raise InputError(f"{path}: not of the current dataset; run `dvc repro`")
        return path

    @cached_property
    def are_outdated(self) -> bool:
        """Whether the project has embeddings of this dataset by another model."""
        path = self.paths.embeddings / "train_z_mean.npy"
        if self.dataset is None or not path.exists():
            return False
        stored = read_array(path)[:CHECKED]
        expected = self._encode(self.dataset.train.images[:CHECKED])
        return stored.shape != expected.shape or not np.allclose(
            stored, expected, rtol=TOLERANCE, atol=TOLERANCE
        )

    def contradicts(self, vectors: pd.DataFrame) -> bool:
        """Return whether attribute vectors are not those of the embeddings.

        Args:
            vectors: table of `latent.latent_space.attribute_vectors`. Its AUCs are computed again.
        """
        path = self.paths.embeddings / "test_z_mean.npy"
        if self.dataset is None or not path.exists():
            return False
        table, z_mean = self.dataset.test.table, read_array(path)
        if len(z_mean) != len(table) or not set(vectors["attribute"]) <= set(table):
            return True
        aucs = attribute_aucs(vectors, z_mean, table)
        return not np.allclose(aucs, vectors["auc"], rtol=0, atol=AUC_TOLERANCE, equal_nan=True)

    def nearest(self, z: Vector, count: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the rows of the nearest training images, and the distances of their embeddings.

        Of images at equal distances, the first is the nearest. Some of the embeddings are in memory
        at a time.

        Args:
            z: a point, float32 (latent_dim,).
            count: number of rows; all rows if there are fewer.
        """
        path = self.embeddings("train")
        rows = np.empty(0, np.intp)
        distances = np.empty(0)
        for start in range(0, len(read_array(path)), CHUNK):
            # What is read through a memory map stays in memory until the map is closed.
            chunk = read_array(path)[start : start + CHUNK].astype(np.float64)
            rows = np.append(rows, np.arange(start, start + len(chunk)))
            distances = np.append(distances, np.linalg.norm(chunk - z, axis=1))
            nearest = np.argsort(distances, kind="stable")[:count]
            rows, distances = rows[nearest], distances[nearest]
        return rows, distances

    def describe(self, rows: NDArray[np.intp]) -> tuple[Pixels, list[str], list[str]]:
        """Return the images in some rows of the training set, their ids and their class names."""
        dataset = self.require_dataset()
        split = Split(dataset.train.images[rows], dataset.train.table.iloc[rows])
        return split.images, split.table["image_id"].astype(str).tolist(), dataset.labels(split)
