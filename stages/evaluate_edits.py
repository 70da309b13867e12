"""Evaluates edits along attribute vectors: `python -m stages.evaluate_edits faces`."""

from latent.evaluate_edits.evaluate import evaluate_edits, write_edits
from latent.figures.edits.draw import draw_edits
from latent.io.paths import ModelPaths
from latent.models.runtime import configure
from latent.tracking.model_run import model_run
from stages.project import ROOT, read_params
from stages.run import run


def main(dataset: str) -> None:
    """Make reports/evaluation/vae_<dataset>_edits, its figures and its metrics."""
    params, paths = read_params(), ModelPaths(f"vae_{dataset}")
    with model_run(ROOT, paths, params.tracking, "evaluate_edits"):
        configure(params.runtime.threads, params.evaluate_edits.seed)
        found = evaluate_edits(paths, params.evaluate_edits)
        write_edits(found, paths)
        draw_edits(found, paths)


if __name__ == "__main__":
    run(main)
