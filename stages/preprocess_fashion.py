"""Pads the garments."""

from pathlib import Path

from latent.preprocess.fashion import preprocess_fashion
from stages.common import read_params, run


def main() -> None:
    """Make data/processed/fashion."""
    params = read_params()
    # For a check, and for no out: dvc.yaml need not name the networks' parameters here.
    networks = (params.train_ae.fashion, params.train_vae.fashion)
    preprocess_fashion(
        Path("data/raw/fashion"),
        params.download.fashion,
        params.preprocess.fashion,
        max(len(network.filters) for network in networks),
        Path("data/processed/fashion"),
    )


if __name__ == "__main__":
    run(main)
