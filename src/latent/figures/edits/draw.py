"""Draws the figures of the evaluation of attribute edits."""

from latent.evaluate_edits.compare_vectors import EditTables
from latent.figures.common.style import save_figure
from latent.figures.edits.cosines import cosines_figure
from latent.figures.edits.flips import flips_figure
from latent.io.dataset import read_record, source_name
from latent.io.files import whole_folder
from latent.io.paths import ModelPaths


def draw_edits(tables: EditTables, paths: ModelPaths) -> None:
    """Draw the figures of attribute edits into their folder, which is written whole or not at all.

    Args:
        tables: results of the evaluation. Figures without data are left out.
        paths: paths of the dataset and the figures.

    Raises:
        InputError: the dataset.json of the dataset is missing or damaged.
    """
    source = source_name(read_record(paths.dataset.processed))
    with whole_folder(paths.edit_figures) as folder:
        if not tables.edits.empty:
            save_figure(flips_figure(tables.edits, source), folder / "flips.png")
        if tables.cosines.notna().any().sum() > 1:
            save_figure(cosines_figure(tables.cosines, source), folder / "cosines.png")
