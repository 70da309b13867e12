"""Evaluation of edits, from the files of earlier stages to files of results."""

from functools import partial

from latent.classifier.classifier import load_classifier
from latent.classifier.network import predictions
from latent.evaluate_edits.compare_vectors import EditTables, EmbeddedSplit, compare_vectors
from latent.evaluate_edits.measure import edit_metrics, find_smallest_alphas
from latent.io.dataset import SPLITS, read_split, read_table
from latent.io.files import whole_folder, write_json
from latent.io.paths import ModelPaths
from latent.latent_space.points import read_points
from latent.models.inference import decode
from latent.models.storage import load_model
from latent.params import EvaluateEdits


def evaluate_edits(paths: ModelPaths, params: EvaluateEdits) -> EditTables:
    """Evaluate edits of test images along the attribute vectors.

    Args:
        paths: paths of the model, its embeddings, its attribute vectors, its dataset and the
            classifier.
        params: edits to evaluate, and the number of images to edit.

    Raises:
        InputError: a file is missing or damaged, or does not match the others.
    """
    embedded = {}
    for name in SPLITS:
        split = read_split(paths.dataset.processed, name)
        points = read_points(paths.embeddings / f"{name}_z_mean.npy", split)
        embedded[name] = EmbeddedSplit(points, split.table.select_dtypes(bool))
    loaded = load_classifier(paths.dataset.classifier)
    return compare_vectors(
        partial(decode, load_model(paths.model / "decoder.keras")),
        loaded and (partial(predictions, loaded[0]), loaded[1]),
        read_table(paths.attribute_vectors / "attribute_vectors.parquet"),
        embedded["train"],
        embedded["test"],
        params,
    )


def write_edits(tables: EditTables, paths: ModelPaths) -> None:
    """Write the tables as CSV files and the metrics as JSON."""
    with whole_folder(paths.edits) as folder:
        tables.attributes.to_csv(folder / "attributes.csv", index=False)
        tables.edits.to_csv(folder / "edits.csv", index=False)
        # The column of names has no heading, which could be the name of an attribute.
        tables.cosines.to_csv(folder / "cosines.csv")
        find_smallest_alphas(tables.edits).to_csv(folder / "smallest_alpha.csv", index=False)
    metrics = edit_metrics(tables.attributes, tables.edits)
    write_json(paths.edit_metrics, {f"evaluate/{name}": metrics[name] for name in metrics})
