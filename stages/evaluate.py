"""Measures a model on held-out images: `python -m stages.evaluate vae faces`."""

from threadpoolctl import threadpool_limits

from latent.evaluate.model import evaluate_model
from latent.files import write_json
from latent.models.runtime import configure
from latent.tracking.catch_up import model_run
from stages.common import ROOT, judge_of, outs_of, processed, read_params, run


def main(kind: str, dataset: str) -> None:
    """Make reports/evaluation/<kind>_<dataset> and its metrics."""
    params = read_params()
    outs = outs_of(f"{kind}_{dataset}")
    with model_run(ROOT, outs, params.tracking, "evaluate"):
        configure(params.runtime.threads, params.evaluate.seed)
        # NumPy's matrix products, too, split their sums by the number of threads.
        with threadpool_limits(params.runtime.threads):
            found = evaluate_model(
                outs.model,
                outs.embeddings,
                processed(dataset),
                judge_of(dataset),
                params[f"train_{kind}"][dataset],
                params.evaluate,
            )
        found.write_tables(outs.evaluation)
        write_json(outs.evaluation_metrics, found.metrics)


if __name__ == "__main__":
    run(main)
