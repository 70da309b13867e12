"""Draws the figures of the VAE of Fashion-MNIST."""

from latent.figures.fashion.vae_fashion import draw_vae_fashion
from latent.io.paths import ModelPaths
from latent.models.runtime import configure
from latent.tracking.model_run import model_run
from stages.project import ROOT, read_params
from stages.run import run


def main() -> None:
    """Make reports/figures/vae_fashion."""
    params, paths = read_params(), ModelPaths("vae_fashion")
    section = params.figures.vae_fashion
    with model_run(ROOT, paths, params.tracking, "figures"):
        configure(params.runtime.threads, section.seed)
        draw_vae_fashion(paths, section)


if __name__ == "__main__":
    run(main)
