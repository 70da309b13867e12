"""Gets the raw face images: generated, CelebA or your own."""

from latent.download.faces.download import download_faces
from latent.io.paths import DatasetPaths
from stages.project import ROOT, read_params
from stages.run import run


def main() -> None:
    """Make data/raw/faces."""
    download_faces(read_params().download.faces, ROOT, DatasetPaths("faces").raw)


if __name__ == "__main__":
    run(main)
