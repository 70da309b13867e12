"""The report as one HTML page that needs nothing else."""

import shlex
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from latent.io.files import whole_file
from latent.io.paths import REPORT
from latent.params import Params
from latent.report import evaluation, tables, words
from latent.report.chapter import overrides, run_values
from latent.report.collect import Results, collect
from latent.report.sections import model_section

FOLDER = Path(__file__).parent


def write_report(params: Params) -> None:
    """Write the report of the run in the working folder, whole or not at all.

    Raises:
        InputError: a file other than a figure is missing, or one is damaged.
    """
    results = collect(params)
    with whole_file(REPORT) as path:
        path.write_text(render(results), encoding="utf-8")


def render(results: Results) -> str:
    """Return the page: the same text for the same results."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    values = run_values(results.params)
    return environment.get_template("template.html.j2").render(
        datasets=list(results.datasets.values()),
        drawn=[
            words.THINGS[name]
            for name, dataset in results.datasets.items()
            if words.is_drawn(dataset)
        ],
        words=words,
        overview=tables.overview(results),
        claims=evaluation.claims(results),
        sections=[model_section(model, results) for model in results.models.values()],
        differences=tables.unlike_chapter(results),
        parameters=tables.every_parameter(results),
        commands=reproduce_commands(overrides(results.params)),
        seeds={key: value for key, value in values.items() if key.endswith(".seed")},
        threads=values["runtime.threads"],
    )


def reproduce_commands(settings: list[str]) -> str:
    """Return the shell commands that repeat a run, a line per parameter that has to be set."""
    clone = ["git clone REPOSITORY latent", "cd latent"]
    if not settings:
        return "\n".join([*clone, "make repro"])
    experiment = " \\\n    ".join(
        ["dvc exp run", *(f"-S {shlex.quote(text)}" for text in settings)]
    )
    return "\n".join([*clone, "make setup", "source .venv/bin/activate", experiment])
