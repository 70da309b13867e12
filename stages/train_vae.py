"""Trains the variational autoencoder on one data set: `python -m stages.train_vae faces`."""

from latent.data.dataset import read_record
from latent.models.networks import build_decoder, build_variational_encoder
from latent.models.runtime import configure
from latent.models.vae import VAE
from latent.trainer import train_and_keep
from stages.common import processed, read_params, run
from stages.training import training


def main(dataset: str) -> None:
    """Make models/vae_<dataset>, its metrics and its history."""
    params = read_params()
    section = params.train_vae[dataset]
    configure(params.runtime.threads, section.seed)
    shape = read_record(processed(dataset))["shape"]
    encoder = build_variational_encoder(section, shape, section.seed)
    decoder = build_decoder(section, shape)
    model = VAE(encoder, decoder, section.loss, section.reconstruction_weight)
    train_and_keep(model, training("vae", dataset, params))


if __name__ == "__main__":
    run(main)
