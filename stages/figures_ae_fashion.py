"""Draws the figures of the autoencoder on garments."""

from latent.figures.ae_fashion import draw_ae_fashion
from latent.models.runtime import configure
from latent.tracking.catch_up import model_run
from stages.common import ROOT, outs_of, processed, read_params, run


def main() -> None:
    """Make reports/figures/ae_fashion."""
    params = read_params()
    section = params.figures.ae_fashion
    outs = outs_of("ae_fashion")
    with model_run(ROOT, outs, params.tracking, "figures"):
        configure(params.runtime.threads, section.seed)
        draw_ae_fashion(
            outs.model, outs.history, outs.embeddings, processed("fashion"), section, outs.figures
        )


if __name__ == "__main__":
    run(main)
