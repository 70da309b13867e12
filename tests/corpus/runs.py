"""The two stages of each data set, as the corpus runs them."""

import json
from pathlib import Path
from typing import Any

import pytest
from making import faces_of, partition_of

from latent.download.faces.download import download_faces
from latent.download.fashion.download import download_fashion
from latent.errors import InputError
from latent.params import DownloadFaces, DownloadFashion, PreprocessFaces, PreprocessFashion
from latent.preprocess.faces.preprocess import preprocess_faces
from latent.preprocess.fashion import preprocess_fashion

MAX_BAD = 0.2  # of the images


def run_faces(root: Path, source: str, location: str, **folder: Any) -> Path:
    """Download and preprocess faces; return the processed data set."""
    own = {"location": location, "test_fraction": 0.3, "seed": 3, **folder}
    params = DownloadFaces.model_validate(
        {
            "source": source,
            "dataset": "nobody/nothing",
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
    """Download and preprocess garments of one's own; return the processed data set."""
    own = {
        "location": location,
        "size": 40,
        "test_fraction": 0.3,
        "max_bad_fraction": MAX_BAD,
        "seed": 3,
        **folder,
    }
    params = DownloadFashion.model_validate(
        {
            "source": "folder",
            "location": "nowhere",
            "folder": own,
            "sample": {"train_images": 1, "test_images": 1, "seed": 0},
        }
    )
    download_fashion(params, root, root / "raw")
    preprocess_fashion(root / "raw", params, PreprocessFashion(padding=0), 3, root / "processed")
    return root / "processed"


def check_refusal(root: Path, error: InputError, named: str, said: str) -> None:
    """Check that an error is one line that names a file and says why, and that it left nothing."""
    message = str(error)
    assert message.isprintable(), message
    assert named in message
    assert said.lower() in message.lower()
    left = [path.name for path in root.iterdir() if path.name.startswith((".raw", ".processed"))]
    assert not left
    assert not (root / "processed").exists()


def refuse_faces(root: Path, source: str, location: str, named: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        run_faces(root, source, location)
    check_refusal(root, caught.value, named, said)


def refuse_fashion(root: Path, location: str, named: str, said: str, **folder: Any) -> None:
    with pytest.raises(InputError) as caught:
        run_fashion(root, location, **folder)
    check_refusal(root, caught.value, named, said)


def check_faces(folder: Path, expected: dict[str, int], skipped: dict[str, str]) -> None:
    """Check that just the expected images are there, each in its row, and the skipped are named.

    Args:
        folder: the processed data set.
        expected: numbers of images, by name.
        skipped: what the reason says, by name.
    """
    assert faces_of(folder) == expected
    check_skipped(folder, skipped)


def check_skipped(folder: Path, skipped: dict[str, str]) -> None:
    record = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    assert record["skipped"]["count"] == len(skipped)
    assert list(record["skipped"]["images"]) == sorted(skipped)
    for name, reason in skipped.items():
        assert reason.lower() in record["skipped"]["images"][name].lower()
        assert record["skipped"]["images"][name].isprintable()


def used(names: dict[str, int]) -> dict[str, int]:
    """Return the images that are not of the validation partition."""
    return {name: number for name, number in names.items() if partition_of(number) != 1}
