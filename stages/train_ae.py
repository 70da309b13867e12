"""Trains the autoencoder on one data set: `python -m stages.train_ae fashion`."""

from latent.data.dataset import read_record
from latent.models.autoencoder import Autoencoder
from latent.models.networks import build_decoder, build_encoder
from latent.models.runtime import configure
from latent.trainer import train_and_keep
from stages.common import processed, read_params, run
from stages.training import training


def main(dataset: str) -> None:
    """Make models/ae_<dataset>, its metrics and its history."""
    params = read_params()
    section = params.train_ae[dataset]
    configure(params.runtime.threads, section.seed)
    shape = read_record(processed(dataset))["shape"]
    encoder, decoder = build_encoder(section, shape), build_decoder(section, shape)
    model = Autoencoder(encoder, decoder, section.loss, section.noise_std, section.seed)
    train_and_keep(model, training("ae", dataset, params))


if __name__ == "__main__":
    run(main)
