"""Measures the time of the figure stages, compared with the start-up of their processes.

Run `python -m benchmarks.figures`. It copies the results of the project to a clone. There it runs
each figure stage, alternating with a process that only imports the same modules. The runs of the
models exist in MLflow, and the figures are logged in each round, as in `make repro`. The result is
results/figures.json. README.md in this folder explains it.
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median

import mlflow

from benchmarks.clone import Project
from benchmarks.noop_repro import prepare, seconds
from benchmarks.results import describe_ratios, write_result
from latent.tracking.contents import LOGGED_TAG

START = "import gc, {module}; gc.freeze()"  # as in `stages.run`


def forget_figures(project: Project) -> None:
    """Remove the figures from the tags of logged outs. The next round logs the figures again.

    Raises:
        KeyError: a run has no logged figures.
    """
    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    for experiment in client.search_experiments():
        for run in client.search_runs([experiment.experiment_id]):
            logged = json.loads(run.data.tags[LOGGED_TAG])
            del logged["figures"]
            client.set_tag(run.info.run_id, LOGGED_TAG, json.dumps(logged))


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Time the figure stages.")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        project = prepare(Path(temporary, "clone"))
        stages = {
            name: command
            for name, command in project.commands().items()
            if name.startswith("figures")
        }
        figure_seconds: dict[str, list[float]] = {stage: [] for stage in stages}
        startup_seconds: dict[str, list[float]] = {stage: [] for stage in stages}
        for _ in range(options.rounds + 1):
            for stage, command in stages.items():
                figure_seconds[stage].append(seconds(project, *command))
                start = START.format(module=command[2])
                startup_seconds[stage].append(seconds(project, "python", "-c", start))
            forget_figures(project)
    figure_sums = [sum(times) for times in zip(*figure_seconds.values(), strict=True)]
    startup_sums = [sum(times) for times in zip(*startup_seconds.values(), strict=True)]
    findings = {
        "against": "processes that only import the modules of the stages",
        "unit": "total seconds of the figure stages",
        "better": "lower",
        **describe_ratios(figure_sums[1:], startup_sums[1:]),
        "rounds": options.rounds,
        "seconds": round(median(figure_sums[1:]), 1),
        "seconds_against": round(median(startup_sums[1:]), 1),
        "stages": {
            stage: {
                "seconds": round(median(figure_seconds[stage][1:]), 1),
                "seconds_against": round(median(startup_seconds[stage][1:]), 1),
            }
            for stage in stages
        },
    }
    write_result("figures", findings, f"--rounds {options.rounds}")


if __name__ == "__main__":
    main()
