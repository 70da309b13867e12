"""Trains an autoencoder: `python -m stages.train_ae fashion`."""

from latent.io.paths import ModelPaths
from latent.training.autoencoder import build_autoencoder
from latent.training.trainer import train_and_save
from stages.project import ROOT, read_params
from stages.run import run


def main(dataset: str) -> None:
    """Make models/ae_<dataset>, its metrics and its history."""
    train_and_save(build_autoencoder, ModelPaths(f"ae_{dataset}"), read_params(), ROOT)


if __name__ == "__main__":
    run(main)
