"""Pads the Fashion-MNIST images."""

from latent.io.paths import DatasetPaths
from latent.preprocess.fashion import preprocess_fashion
from stages.project import read_params
from stages.run import run


def main() -> None:
    """Make data/processed/fashion."""
    params, paths = read_params(), DatasetPaths("fashion")
    # The networks' depth is only checked against the image size. No out depends on it, so dvc.yaml
    # does not list these parameters for this stage.
    preprocess_fashion(
        paths.raw,
        params.download.fashion,
        params.preprocess.fashion,
        params.fashion_halvings,
        paths.processed,
    )


if __name__ == "__main__":
    run(main)
