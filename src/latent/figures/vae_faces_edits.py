"""What edits of attributes do, by the judge's eyes, in figures."""

from pathlib import Path

from latent.data.dataset import read_record
from latent.evaluate.attribute_edits import EditTables
from latent.figures.evaluation.cosines import cosines_figure
from latent.figures.evaluation.flips import flips_figure
from latent.figures.style import save_figure, source_name
from latent.files import whole_folder


def draw_vae_faces_edits(tables: EditTables, dataset: Path, folder: Path) -> None:
    """Draw the figures into `folder`, made whole or not at all.

    Args:
        tables: what was found out; a figure of nothing is left out.
        dataset: processed data set.
        folder: for the figures.

    Raises:
        InputError: the data set's record is missing or damaged.
    """
    source = source_name(read_record(dataset))
    with whole_folder(folder) as drawn:
        if not tables.edits.empty:
            save_figure(flips_figure(tables.edits, source), drawn / "flips.png")
        if tables.cosines.notna().any().sum() > 1:
            save_figure(cosines_figure(tables.cosines, source), drawn / "cosines.png")
