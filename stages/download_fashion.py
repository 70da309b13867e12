"""Gets the raw Fashion-MNIST images: generated, published or your own."""

from latent.download.fashion.download import download_fashion
from latent.io.paths import DatasetPaths
from stages.project import ROOT, read_params
from stages.run import run


def main() -> None:
    """Make data/raw/fashion."""
    params, folder = read_params(), DatasetPaths("fashion").raw
    # As in preprocess_fashion, no out depends on the networks' depth, which is only checked.
    download_fashion(params.download.fashion, ROOT, folder, params.folder_size_problem)


if __name__ == "__main__":
    run(main)
