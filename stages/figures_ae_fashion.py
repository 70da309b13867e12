"""Draws the figures of the autoencoder on garments."""

from pathlib import Path

from latent.figures.ae_fashion import draw_ae_fashion
from latent.models.runtime import configure
from latent.tracking.pictures import show_pictures
from latent.tracking.run import Run
from stages.common import ROOT, processed, read_params, run, trained

NAME = "ae_fashion"
KEY_PICTURES = ("3-07_embeddings_by_label.png", "3-08_generated.png")


def main() -> None:
    """Make reports/figures/ae_fashion."""
    params = read_params()
    section = params.figures.ae_fashion
    configure(params.runtime.threads, section.seed)
    folder = Path("reports/figures", NAME)
    draw_ae_fashion(
        trained(NAME),
        Path("reports/plots", NAME, "history.csv"),
        Path("data/embeddings", NAME),
        processed("fashion"),
        section,
        folder,
    )
    with Run(ROOT, NAME, params.tracking.on_error, model=trained(NAME)) as tracked:
        tracked.log_files(folder, "figures")
        show_pictures(tracked, [folder / name for name in KEY_PICTURES])


if __name__ == "__main__":
    run(main)
