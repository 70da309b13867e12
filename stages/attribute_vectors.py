"""Finds the direction of each attribute: `python -m stages.attribute_vectors faces`."""

from threadpoolctl import threadpool_limits

from latent.files import write_json
from latent.space.attributes import find_attribute_vectors, vector_metrics, write_vectors
from stages.common import outs_of, processed, run


def main(dataset: str) -> None:
    """Make data/attribute_vectors/<dataset> and its metrics."""
    outs = outs_of(f"vae_{dataset}")
    # NumPy's matrix products split their sums by the number of threads. These are too small for a
    # second one to pay, and it would wait for a core where there is none to spare.
    with threadpool_limits(1):
        vectors = find_attribute_vectors(outs.embeddings, processed(dataset))
    write_vectors(vectors, outs.attributes)
    # MLflow hears of these numbers with those of the edits: it takes longer to start than they do.
    write_json(outs.attribute_metrics, vector_metrics(vectors))


if __name__ == "__main__":
    run(main)
