"""Decodes and resizes the face images."""

from latent.io.paths import DatasetPaths
from latent.preprocess.faces.preprocess import preprocess_faces
from latent.raw.celeba.layout import ARCHIVE
from stages.project import read_params
from stages.run import run


def main() -> None:
    """Make data/processed/faces."""
    params, paths = read_params(), DatasetPaths("faces")
    # No out depends on the attributes of the figures. They are checked here, before any training.
    preprocess_faces(
        paths.raw / ARCHIVE,
        params.download.faces,
        params.preprocess.faces,
        paths.processed,
        shown=params.figures.vae_faces.attributes,
    )


if __name__ == "__main__":
    run(main)
