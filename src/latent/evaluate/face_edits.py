"""The edits of a model's attributes, from the files of earlier stages to files of what they do."""

from functools import partial
from pathlib import Path

from latent.data.dataset import SPLITS, read_split, read_table
from latent.evaluate.attribute_edits import EditTables, Embedded, judge_vectors
from latent.evaluate.edits import find_reach
from latent.evaluate.judging import load_judge
from latent.files import whole_folder
from latent.models.inference import decode
from latent.models.judge import predictions
from latent.models.storage import load_model
from latent.params import EvaluateEdits
from latent.space.points import read_points


def evaluate_edits(
    model: Path,
    embeddings: Path,
    attributes: Path,
    dataset: Path,
    judge: Path,
    params: EvaluateEdits,
) -> EditTables:
    """Judge edits of test images along the attribute vectors.

    Args:
        model: folder with decoder.keras.
        embeddings: folder with train_z_mean.npy and test_z_mean.npy.
        attributes: folder with attribute_vectors.parquet.
        dataset: processed data set that was embedded.
        judge: folder of its judge, if there is one.
        params: what is edited, and how far.

    Raises:
        InputError: a file is missing or damaged, or does not fit to the others.
    """
    embedded = {}
    for name in SPLITS:
        split = read_split(dataset, name)
        points = read_points(embeddings / f"{name}_z_mean.npy", split)
        embedded[name] = Embedded(points, split.table.select_dtypes(bool))
    judging = load_judge(judge)
    return judge_vectors(
        partial(decode, load_model(model / "decoder.keras")),
        judging and (partial(predictions, judging[0]), judging[1]),
        read_table(attributes / "attribute_vectors.parquet"),
        embedded["train"],
        embedded["test"],
        params,
    )


def write_edits(tables: EditTables, folder: Path) -> None:
    """Make `folder` with the tables as CSV, and how far edits must go as `reach.csv`."""
    with whole_folder(folder) as temporary:
        tables.attributes.to_csv(temporary / "attributes.csv", index=False)
        tables.edits.to_csv(temporary / "edits.csv", index=False)
        tables.cosines.to_csv(temporary / "cosines.csv", index_label="attribute")
        find_reach(tables.edits).to_csv(temporary / "reach.csv", index=False)
