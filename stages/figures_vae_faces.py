"""Draws the figures of the variational autoencoder on faces."""

from latent.figures.vae_faces import draw_vae_faces
from latent.models.runtime import configure
from latent.tracking.catch_up import model_run
from stages.common import ROOT, outs_of, processed, read_params, run


def main() -> None:
    """Make reports/figures/vae_faces."""
    params = read_params()
    section = params.figures.vae_faces
    outs = outs_of("vae_faces")
    with model_run(ROOT, outs, params.tracking, "figures"):
        configure(params.runtime.threads, section.seed)
        draw_vae_faces(
            outs.model,
            outs.history,
            outs.embeddings,
            outs.attributes,
            processed("faces"),
            section,
            outs.figures,
        )


if __name__ == "__main__":
    run(main)
