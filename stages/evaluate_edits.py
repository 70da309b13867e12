"""Judges the edits of a VAE's attributes: `python -m stages.evaluate_edits faces`."""

from threadpoolctl import threadpool_limits

from latent.evaluate.edits import edit_metrics
from latent.evaluate.face_edits import evaluate_edits, write_edits
from latent.figures.vae_faces_edits import draw_vae_faces_edits
from latent.files import write_json
from latent.models.runtime import configure
from latent.tracking.catch_up import model_run
from stages.common import ROOT, judge_of, outs_of, processed, read_params, run


def main(dataset: str) -> None:
    """Make reports/evaluation/vae_<dataset>_edits, its figures and its metrics."""
    params = read_params()
    section = params.evaluate_edits
    outs = outs_of(f"vae_{dataset}")
    data = processed(dataset)
    with model_run(ROOT, outs, params.tracking, "evaluate_edits"):
        configure(params.runtime.threads, section.seed)
        # NumPy's matrix products, too, split their sums by the number of threads.
        with threadpool_limits(params.runtime.threads):
            found = evaluate_edits(
                outs.model, outs.embeddings, outs.attributes, data, judge_of(dataset), section
            )
        write_edits(found, outs.edits)
        draw_vae_faces_edits(found, data, outs.edit_figures)
        metrics = edit_metrics(found.attributes, found.edits)
        write_json(outs.edit_metrics, {f"evaluate/{name}": metrics[name] for name in metrics})


if __name__ == "__main__":
    run(main)
