"""Draws the figures of the variational autoencoder on faces."""

from pathlib import Path

from latent.figures.vae_faces import draw_vae_faces
from latent.models.runtime import configure
from latent.tracking.pictures import show_pictures
from latent.tracking.run import Run
from stages.common import ROOT, processed, read_params, run, trained

NAME = "vae_faces"
KEY_PICTURES = ("3-18_generated.png", "3-19_edit_Smiling.png")


def main() -> None:
    """Make reports/figures/vae_faces."""
    params = read_params()
    section = params.figures.vae_faces
    configure(params.runtime.threads, section.seed)
    folder = Path("reports/figures", NAME)
    draw_vae_faces(
        trained(NAME),
        Path("reports/plots", NAME, "history.csv"),
        Path("data/embeddings", NAME),
        Path("data/attribute_vectors/faces"),
        processed("faces"),
        section,
        folder,
    )
    with Run(ROOT, NAME, params.tracking.on_error, model=trained(NAME)) as tracked:
        tracked.log_files(folder, "figures")
        show_pictures(tracked, [folder / name for name in KEY_PICTURES])


if __name__ == "__main__":
    run(main)
