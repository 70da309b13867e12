"""Fetches, draws or packs the garments."""

from pathlib import Path

from latent.data.fashion.download import download_fashion
from stages.common import ROOT, read_params, run


def main() -> None:
    """Make data/raw/fashion."""
    download_fashion(read_params().download.fashion, ROOT, Path("data/raw/fashion"))


if __name__ == "__main__":
    run(main)
