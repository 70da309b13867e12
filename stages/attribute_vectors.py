"""Finds the attribute vectors of a dataset: `python -m stages.attribute_vectors faces`."""

from latent.io.files import write_json
from latent.io.paths import ModelPaths
from latent.latent_space.attribute_vectors import (
    find_attribute_vectors,
    vector_metrics,
    write_vectors,
)
from stages.run import run


def main(dataset: str) -> None:
    """Make data/attribute_vectors/<dataset> and its metrics."""
    paths = ModelPaths(f"vae_{dataset}")
    vectors = find_attribute_vectors(paths.embeddings, paths.dataset.processed)
    write_vectors(vectors, paths.attribute_vectors)
    # The next stages log these metrics to MLflow: importing it would take longer than this stage.
    write_json(paths.attribute_metrics, vector_metrics(vectors))


if __name__ == "__main__":
    run(main)
