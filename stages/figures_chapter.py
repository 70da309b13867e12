"""Draws the figures that belong to no single model."""

from latent.figures.fashion.chapter import draw_chapter
from latent.io.paths import CHAPTER_FIGURES
from stages.project import read_params
from stages.run import run


def main() -> None:
    """Make reports/figures/chapter."""
    draw_chapter(read_params().figures.chapter, CHAPTER_FIGURES)


if __name__ == "__main__":
    run(main)
