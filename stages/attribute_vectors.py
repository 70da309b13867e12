"""Finds the direction of each attribute: `python -m stages.attribute_vectors faces`."""

from pathlib import Path

from threadpoolctl import threadpool_limits

from latent.files import write_json
from latent.space.attributes import find_attribute_vectors, vector_metrics, write_vectors
from latent.tracking.run import Run
from stages.common import ROOT, processed, read_params, run, trained


def main(dataset: str) -> None:
    """Make data/attribute_vectors/<dataset> and its metrics."""
    params = read_params()
    name = f"vae_{dataset}"
    target = Path("data/attribute_vectors", dataset)
    # NumPy's matrix products, too, split their sums by the number of threads.
    with threadpool_limits(params.runtime.threads):
        vectors = find_attribute_vectors(Path("data/embeddings", name), processed(dataset))
    write_vectors(vectors, target)
    metrics = vector_metrics(vectors)
    write_json(Path(f"reports/metrics/{name}_attributes.json"), metrics)
    with Run(ROOT, name, params.tracking.on_error, model=trained(name)) as tracked:
        tracked.log_metrics(metrics)
        tracked.log_files(target / "attribute_vectors.csv", "attributes")


if __name__ == "__main__":
    run(main)
