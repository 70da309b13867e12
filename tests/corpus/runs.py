"""The download and preprocess stages of both datasets, for the corpus of bad inputs."""

import json
from pathlib import Path
from typing import Any

import pytest
from making import partition_of, read_numbers

from latent.download.faces.download import download_faces
from latent.download.fashion.download import download_fashion
from latent.errors import InputError
from latent.params import DownloadFaces, DownloadFashion, PreprocessFaces, PreprocessFashion
from latent.preprocess.faces.preprocess import preprocess_faces
from latent.preprocess.fashion import preprocess_fashion

MAX_BAD = 0.2  # fraction of the images


def run_faces(root: Path, source: str, location: str, **folder: Any) -> Path:
    """Download and preprocess face images; return the folder of the processed dataset."""
    own = {"location": location, "zip_encoding": None, "test_fraction": 0.3, "seed": 3, **folder}
    params = DownloadFaces.model_validate(
        {
            "source": source,
            "dataset": "owner/unused",
            "location": location,
            "folder": own,
            "sample": {"images": 10, "seed": 0},
        }
    )
    settings = PreprocessFaces(image_size=40, fit="stretch", max_bad_fraction=MAX_BAD)
    download_faces(params, root, root / "raw")
    preprocess_faces(root / "raw/celeba.zip", params, settings, root / "processed")
    return root / "processed"


def run_fashion(root: Path, location: str, **folder: Any) -> Path:
    """Pack and preprocess user-supplied images; return the folder of the processed dataset."""
    own = {
        "location": location,
        "zip_encoding": None,
        "size": 40,
        "test_fraction": 0.3,
        "max_bad_fraction": MAX_BAD,
        "seed": 3,
        **folder,
    }
    params = DownloadFashion.model_validate(
        {
            "source": "folder",
            "location": "unused",
            "folder": own,
            "sample": {"train_images": 1, "test_images": 1, "seed": 0},
        }
    )
    download_fashion(params, root, root / "raw")
    preprocess_fashion(root / "raw", params, PreprocessFashion(padding=0), 3, root / "processed")
    return root / "processed"


def check_error(root: Path, error: InputError, path: str, problem: str) -> None:
    """Check that an error is one line with a path and a problem, and that no files are left."""
    message = str(error)
    assert message.isprintable(), message
    assert path in message
    assert problem.lower() in message.lower()
    left = [path.name for path in root.iterdir() if path.name.startswith((".raw", ".processed"))]
    assert not left
    assert not (root / "processed").exists()


def expect_faces_error(root: Path, source: str, location: str, path: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        run_faces(root, source, location)
    check_error(root, caught.value, path, problem)


def expect_fashion_error(root: Path, location: str, path: str, problem: str, **folder: Any) -> None:
    with pytest.raises(InputError) as caught:
        run_fashion(root, location, **folder)
    check_error(root, caught.value, path, problem)


def check_faces(folder: Path, expected: dict[str, int], skipped: dict[str, str]) -> None:
    """Check that a processed dataset consists of the expected images and names the skipped ones.

    Args:
        folder: the processed dataset.
        expected: numbers of the images by name.
        skipped: part of the reason, by the name of a skipped image.
    """
    assert read_numbers(folder) == expected
    check_skipped(folder, skipped)


def check_skipped(folder: Path, skipped: dict[str, str]) -> None:
    record = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    assert record["skipped"]["count"] == len(skipped)
    assert list(record["skipped"]["images"]) == sorted(skipped)
    for name, reason in skipped.items():
        assert reason.lower() in record["skipped"]["images"][name].lower()
        assert record["skipped"]["images"][name].isprintable()


def without_validation(names: dict[str, int]) -> dict[str, int]:
    """Return the images that are not validation images."""
    return {name: number for name, number in names.items() if partition_of(number) != 1}
