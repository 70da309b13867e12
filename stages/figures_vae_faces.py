"""Draws the figures of the VAE of faces."""

from latent.figures.faces.vae_faces import draw_vae_faces
from latent.io.paths import ModelPaths
from latent.models.runtime import configure
from latent.tracking.model_run import model_run
from stages.project import ROOT, read_params
from stages.run import run


def main() -> None:
    """Make reports/figures/vae_faces."""
    params, paths = read_params(), ModelPaths("vae_faces")
    section = params.figures.vae_faces
    with model_run(ROOT, paths, params.tracking, "figures"):
        configure(params.runtime.threads, section.seed)
        draw_vae_faces(paths, section)


if __name__ == "__main__":
    run(main)
