"""Trains a variational autoencoder: `python -m stages.train_vae fashion`."""

from latent.io.paths import ModelPaths
from latent.training.trainer import train_and_save
from latent.training.vae import build_vae
from stages.project import ROOT, read_params
from stages.run import run


def main(dataset: str) -> None:
    """Make models/vae_<dataset>, its metrics and its history."""
    train_and_save(build_vae, ModelPaths(f"vae_{dataset}"), read_params(), ROOT)


if __name__ == "__main__":
    run(main)
