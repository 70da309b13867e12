"""Render the report as a single self-contained HTML page."""

import shlex
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from latent.io.files import whole_file
from latent.io.paths import REPORT
from latent.params import Params
from latent.report import descriptions, evaluation, tables
from latent.report.chapter import overrides, run_values
from latent.report.collect import Results, collect
from latent.report.sections import model_section

FOLDER = Path(__file__).parent


def write_report(params: Params) -> None:
    """Write the report of the run in the working folder, atomically.

    Raises:
        InputError: a file other than a figure is missing, or a file is damaged.
    """
    results = collect(params)
    with whole_file(REPORT) as path:
        path.write_text(render(results), encoding="utf-8")


def render(results: Results) -> str:
    """Return the HTML page. The same results always give the same text."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["no_break"] = _no_break
    values = run_values(results.params)
    return environment.get_template("template.html.j2").render(
        datasets=list(results.datasets.values()),
        synthetic=[
            descriptions.DATASET_NAMES[name]
            for name, dataset in results.datasets.items()
            if descriptions.is_synthetic(dataset)
        ],
        descriptions=descriptions,
        overview=tables.overview(results),
        claims=evaluation.claims(results),
        sections=[model_section(model, results) for model in results.models.values()],
        changed_parameters=tables.changed_parameters(results),
        parameters=tables.all_parameters(results),
        commands=reproduce_commands(overrides(results.params)),
        seeds={key: value for key, value in values.items() if key.endswith(".seed")},
        threads=values["runtime.threads"],
    )


def _no_break(text: str) -> str:
    """Return the text with non-breaking spaces in percentages and in N(0, I)."""
    return text.replace(" %", "\u00a0%").replace("N(0, ", "N(0,\u00a0")


def reproduce_commands(settings: list[str]) -> str:
    """Return the shell commands that reproduce a run, with one line per changed parameter."""
    clone = ["git clone REPOSITORY latent", "cd latent"]
    if not settings:
        return "\n".join([*clone, "make repro"])
    experiment = " \\\n    ".join(
        ["dvc exp run", *(f"-S {shlex.quote(text)}" for text in settings)]
    )
    return "\n".join([*clone, "make setup", "source .venv/bin/activate", experiment])
