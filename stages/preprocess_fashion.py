"""Pads the garments."""

from pathlib import Path

from latent.preprocess.fashion import preprocess_fashion
from stages.common import read_params, run


def main() -> None:
    """Make data/processed/fashion."""
    params = read_params()
    preprocess_fashion(
        Path("data/raw/fashion"),
        params.download.fashion,
        params.preprocess.fashion,
        Path("data/processed/fashion"),
    )


if __name__ == "__main__":
    run(main)
