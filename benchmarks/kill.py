"""Kills `dvc repro` at random moments, runs it again, and compares with a run never killed.

    python -m benchmarks.kill --kills 50

Each kill has a clone of its own with nothing in it. All processes get SIGKILL at once, as when a
machine loses its power, only that the disk keeps what it was given.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import mlflow

from benchmarks.clone import TINY, Project, clone
from benchmarks.compare import differing_outs
from benchmarks.results import describe_ratios, write_result
from benchmarks.verify import reproduce

# Folders whose content is no result: caches, and MLflow's artifacts under random names.
APART = (".cache/", "mlartifacts/", "mlflow.db")


@dataclass(frozen=True)
class Outcome:
    """What became of one kill.

    Attributes:
        seconds: from the start of `dvc repro` to the kill.
        stage: the stage that ran; "" before the first one.
        mended: whether the kill left half a dvc.lock, which was put back.
        ended_well: whether the second `dvc repro` returned 0.
        differing: outs that differ from those of a run never killed.
        left_over: files that such a run does not leave.
        runs: experiments in which a run has not ended, or none has ended well.
        said: what the second `dvc repro` printed, where it failed.
    """

    seconds: float
    stage: str
    mended: bool
    ended_well: bool
    differing: list[str]
    left_over: list[str]
    runs: list[str]
    said: str

    @property
    def good(self) -> bool:
        """Whether nothing shows that there was a kill."""
        return self.ended_well and not (self.differing or self.left_over or self.runs)


def kill_once(folder: Path, seconds: float, reference: Project) -> Outcome:
    """Run the pipeline in a clone at `folder`, kill it after some seconds, and run it again."""
    project = clone(folder)
    project.edit(TINY)
    process = project.start("dvc", "repro")
    begun = time.monotonic()
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    printed, _ = process.communicate()
    seconds = time.monotonic() - begun
    stages = [line for line in printed.splitlines() if line.startswith("Running stage")]
    # The two commands of `make repro`.
    mended = project.run("python", "-m", "stages.repair_lock").stderr
    done = project.run("dvc", "repro")
    well = done.returncode == 0
    return Outcome(
        seconds=round(seconds, 2),
        stage=stages[-1].split("'")[1] if stages else "",
        mended=bool(mended),
        ended_well=well,
        differing=differing_outs(reference, project) if well else [],
        left_over=sorted(results(project) - results(reference)) if well else [],
        runs=strange_runs(project) if well else [],
        said="" if well else done.stdout + done.stderr,
    )


def results(project: Project) -> set[str]:
    """Return the files that the pipeline left, but for those that are no results."""
    return {name for name in project.files() if not name.startswith(APART)}


def strange_runs(project: Project) -> list[str]:
    """Return the experiments in which not each run has ended, or none has ended well."""
    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    found = []
    for experiment in client.search_experiments(filter_string="name != 'Default'"):
        statuses = [run.info.status for run in client.search_runs([experiment.experiment_id])]
        if "RUNNING" in statuses or "FINISHED" not in statuses:
            found.append(f"{experiment.name}: {', '.join(statuses)}")
    return found


def main() -> None:
    """Write benchmarks/results/kill.json; exit with code 1 unless every kill ended well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=42, help="of the moments")
    parser.add_argument("--at-once", type=int, default=1, help="clones that run side by side")
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.at_once) as pool:
        reference = clone(Path(folder, "reference"))
        reference.edit(TINY)
        begun = time.monotonic()
        reproduce(reference)
        duration = time.monotonic() - begun
        moments = [generator.uniform(0, duration) for _ in range(arguments.kills)]
        outcomes = []
        for number, outcome in enumerate(
            pool.map(
                lambda task: kill_once(Path(folder, f"kill-{task[0]}"), task[1], reference),
                enumerate(moments),
            ),
            start=1,
        ):
            outcomes.append(outcome)
            word = "same" if outcome.good else f"NOT THE SAME: {asdict(outcome)}"
            print(f"{number}: {outcome.seconds:.1f} s, {outcome.stage}: {word}", flush=True)
    given = f"--kills {arguments.kills} --seed {arguments.seed} --at-once {arguments.at_once}"
    write_result("kill", summarise(outcomes), given)
    if not all(outcome.good for outcome in outcomes):
        sys.exit(1)


def summarise(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return how many kills ended how."""
    good = [float(outcome.good) for outcome in outcomes]
    return {
        "against": "a run never killed",
        "unit": "1 for a kill of which nothing shows after the next run, 0 for another",
        "better": "more",
        **describe_ratios(good, [1.0] * len(good)),
        "kills": len(outcomes),
        "mended": sum(outcome.mended for outcome in outcomes),
        "ended_well": sum(outcome.ended_well for outcome in outcomes),
        "same_lock": sum(outcome.ended_well and not outcome.differing for outcome in outcomes),
        "nothing_left_over": sum(outcome.good for outcome in outcomes),
        "stages": dict(sorted(Counter(outcome.stage or "none" for outcome in outcomes).items())),
        "not_good": [asdict(outcome) for outcome in outcomes if not outcome.good],
    }


if __name__ == "__main__":
    main()
