"""Writes an untrained faces VAE: `python -m benchmarks.untrained FOLDER SIZE`."""

import sys
from pathlib import Path

from benchmarks.clone import ROOT
from latent.models.networks import build_decoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import load_params


def main(folder: Path, size: int) -> None:
    """Write an encoder and a decoder with the architecture of params.yaml.

    Args:
        folder: Folder to create.
        size: Width and height of the images, in pixels.
    """
    params = load_params(ROOT / "params.yaml")
    architecture, shape = params.train_vae.faces, (size, size, 3)
    folder.mkdir(parents=True)
    save_model(build_variational_encoder(architecture, shape, seed=0), folder / "encoder.keras")
    save_model(build_decoder(architecture, shape), folder / "decoder.keras")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
