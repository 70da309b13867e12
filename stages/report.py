"""Writes the report: all figures, tables and numbers of a run in one HTML file."""

from contextlib import ExitStack

from latent.io.paths import ModelPaths
from latent.report.collect import MODELS
from latent.report.render import write_report
from latent.tracking.model_run import model_run
from stages.project import ROOT, read_params
from stages.run import run


def main() -> None:
    """Make reports/index.html."""
    params = read_params()
    with ExitStack() as runs:
        for name in MODELS:
            runs.enter_context(model_run(ROOT, ModelPaths(name), params.tracking, "report"))
        write_report(params)


if __name__ == "__main__":
    run(main)
