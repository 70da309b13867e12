"""Decodes and resizes the faces."""

from pathlib import Path

from latent.preprocess.faces.preprocess import preprocess_faces
from stages.common import read_params, run


def main() -> None:
    """Make data/processed/faces."""
    params = read_params()
    preprocess_faces(
        Path("data/raw/faces/celeba.zip"),
        params.download.faces,
        params.preprocess.faces,
        Path("data/processed/faces"),
    )


if __name__ == "__main__":
    run(main)
