"""Gets the raw Fashion-MNIST images: generated, published or your own."""

from latent.download.fashion.download import download_fashion
from latent.io.paths import DatasetPaths
from stages.project import ROOT, read_params
from stages.run import run


def main() -> None:
    """Make data/raw/fashion."""
    download_fashion(read_params().download.fashion, ROOT, DatasetPaths("fashion").raw)


if __name__ == "__main__":
    run(main)
