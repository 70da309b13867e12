"""Writes the report: every figure, table and number of a run in one file."""

from contextlib import ExitStack
from pathlib import Path

from latent.files import whole_file
from latent.report.collect import MODELS, collect
from latent.report.render import render
from latent.tracking.catch_up import model_run
from stages.common import ROOT, outs_of, read_params, run


def main() -> None:
    """Make reports/index.html."""
    params = read_params()
    with ExitStack() as runs:
        for name in MODELS:
            runs.enter_context(model_run(ROOT, outs_of(name), params.tracking, "report"))
        results = collect(
            params,
            data=Path("data/processed"),
            models=Path("models"),
            metrics=Path("reports/metrics"),
            evaluation=Path("reports/evaluation"),
            figures=Path("reports/figures"),
        )
        with whole_file(outs_of(MODELS[0]).report) as path:
            path.write_text(render(results), encoding="utf-8")


if __name__ == "__main__":
    run(main)
