"""What the figures cost, against the start of the process that draws them.

`python -m benchmarks.figures` runs each stage of figures on the results that are here, in a copy
of them, and in turn a process that imports what the stage imports and ends. MLflow knows the models
and is told of the figures each time, as where `make repro` draws them. Writes results/figures.json,
which README.md beside this file explains.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median

import mlflow

from benchmarks.clone import Project
from benchmarks.noop_repro import prepare, seconds
from benchmarks.results import describe_ratios, write_result

LOGGED = "latent.figures_sha256"  # the tag of a run that `latent.tracking.model_run` has told
START = "import gc, {module}; gc.freeze()"  # as `stages.common.run` does


def forget_figures(project: Project) -> None:
    """Have the clone's MLflow be told of the figures again, as only what is new is logged.

    Raises:
        MlflowException: a run was not told of them.
    """
    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    for experiment in client.search_experiments():
        for run in client.search_runs([experiment.experiment_id]):
            client.delete_tag(run.info.run_id, LOGGED)


def main() -> None:
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description="Time the stages that draw figures.")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        project = prepare(Path(temporary, "clone"))
        stages = {
            name: words for name, words in project.commands().items() if name.startswith("figures")
        }
        drawing: dict[str, list[float]] = {stage: [] for stage in stages}
        starting: dict[str, list[float]] = {stage: [] for stage in stages}
        for _ in range(given.rounds + 1):
            for stage, command in stages.items():
                drawing[stage].append(seconds(project, *command))
                start = START.format(module=command[2])
                starting[stage].append(seconds(project, "python", "-c", start))
            forget_figures(project)
    whole = [sum(times) for times in zip(*drawing.values(), strict=True)]
    least = [sum(times) for times in zip(*starting.values(), strict=True)]
    findings = {
        "against": "processes that import what the stages import, and end",
        "unit": "seconds of all stages of figures together",
        "better": "less",
        **describe_ratios(whole[1:], least[1:]),
        "rounds": given.rounds,
        "seconds": round(median(whole[1:]), 1),
        "seconds_against": round(median(least[1:]), 1),
        "stages": {
            stage: {
                "seconds": round(median(drawing[stage][1:]), 1),
                "seconds_against": round(median(starting[stage][1:]), 1),
            }
            for stage in stages
        },
    }
    write_result("figures", findings, f"--rounds {given.rounds}")


if __name__ == "__main__":
    main()
