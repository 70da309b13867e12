"""Evaluates a model on test images: `python -m stages.evaluate vae faces`."""

from latent.evaluate.model import evaluate_model
from latent.io.paths import ModelPaths
from latent.models.runtime import configure
from latent.tracking.model_run import model_run
from stages.project import ROOT, read_params
from stages.run import run


def main(kind: str, dataset: str) -> None:
    """Make reports/evaluation/<kind>_<dataset> and its metrics."""
    params, paths = read_params(), ModelPaths(f"{kind}_{dataset}")
    with model_run(ROOT, paths, params.tracking, "evaluate"):
        configure(params.runtime.threads, params.evaluate.seed)
        section = params[f"train_{kind}"][dataset]
        evaluate_model(paths, section, params.evaluate).write(paths)


if __name__ == "__main__":
    run(main)
