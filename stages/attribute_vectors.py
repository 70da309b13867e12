"""Finds the direction of each attribute: `python -m stages.attribute_vectors faces`."""

from threadpoolctl import threadpool_limits

from latent.files import write_json
from latent.space.attributes import find_attribute_vectors, vector_metrics, write_vectors
from latent.tracking.catch_up import model_run
from stages.common import ROOT, outs_of, processed, read_params, run


def main(dataset: str) -> None:
    """Make data/attribute_vectors/<dataset> and its metrics."""
    params = read_params()
    outs = outs_of(f"vae_{dataset}")
    with model_run(ROOT, outs, params.tracking, "attribute_vectors"):
        # NumPy's matrix products, too, split their sums by the number of threads.
        with threadpool_limits(params.runtime.threads):
            vectors = find_attribute_vectors(outs.embeddings, processed(dataset))
        write_vectors(vectors, outs.attributes)
        write_json(outs.attribute_metrics, vector_metrics(vectors))


if __name__ == "__main__":
    run(main)
