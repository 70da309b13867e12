"""Fetches or draws the faces."""

from pathlib import Path

from latent.data.faces.download import download_faces
from stages.common import ROOT, read_params, run


def main() -> None:
    """Make data/raw/faces."""
    download_faces(read_params().download.faces, ROOT, Path("data/raw/faces"))


if __name__ == "__main__":
    run(main)
