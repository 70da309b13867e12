"""Draws the figures of the chapter that belong to no single model."""

from pathlib import Path

from latent.figures.chapter import draw_chapter
from stages.common import processed, read_params, run


def main() -> None:
    """Make reports/figures/chapter."""
    section = read_params().figures.chapter
    folder = Path("reports/figures/chapter")
    draw_chapter(Path("data/embeddings"), processed("fashion"), section, folder)


if __name__ == "__main__":
    run(main)
