"""Writes the report: every figure, table and number of a run in one file."""

from pathlib import Path

from latent.files import whole_file
from latent.report.collect import MODELS, collect
from latent.report.render import render
from latent.tracking.run import Run
from stages.common import ROOT, read_params, run, trained

PAGE = Path("reports/index.html")


def main() -> None:
    """Make reports/index.html."""
    params = read_params()
    results = collect(
        params,
        data=Path("data/processed"),
        models=Path("models"),
        metrics=Path("reports/metrics"),
        figures=Path("reports/figures"),
    )
    with whole_file(PAGE) as path:
        path.write_text(render(results), encoding="utf-8")
    for name in MODELS:
        with Run(ROOT, name, params.tracking.on_error, model=trained(name)) as tracked:
            tracked.log_files(PAGE, "report")


if __name__ == "__main__":
    run(main)
