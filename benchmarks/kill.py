"""Kills `make repro` at random moments, runs it again and compares with an uninterrupted run.

    python -m benchmarks.kill --kills 50

Each kill happens in a new clone without results. All processes receive SIGKILL at once. Unlike in a
power failure, all data written before the kill reaches the disk.
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
from benchmarks.verify import MAKE_REPRO, reproduce

# Not results: caches, and MLflow's database and its artifacts, which have random names.
NOT_RESULTS = (".cache/", "mlartifacts/", "mlflow.db")


@dataclass(frozen=True)
class Outcome:
    """Result of one kill.

    Attributes:
        seconds: Time from the start of `make repro` to the kill.
        stage: Stage that was running, or "" before the first stage.
        repaired: Whether dvc.lock was half-written and the second run repaired it.
        ended_well: Whether the second run returned 0.
        differing: Outs that differ from those of an uninterrupted run.
        left_over: Files that an uninterrupted run does not leave.
        runs: MLflow experiments with a run that has not ended, or without a finished run.
        output: Output of the second run if it failed, else "".
    """

    seconds: float
    stage: str
    repaired: bool
    ended_well: bool
    differing: list[str]
    left_over: list[str]
    runs: list[str]
    output: str

    @property
    def good(self) -> bool:
        """Whether the kill has no visible effect."""
        return self.ended_well and not (self.differing or self.left_over or self.runs)


def kill_once(folder: Path, seconds: float, reference: Project) -> Outcome:
    """Run the pipeline in a clone at `folder`, kill it after `seconds` and run it again."""
    project = clone(folder)
    project.edit(TINY)
    process = project.start(*MAKE_REPRO)
    start = time.monotonic()
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    output, _ = process.communicate()
    seconds = time.monotonic() - start
    stages = [line for line in output.splitlines() if line.startswith("Running stage")]
    done = project.run(*MAKE_REPRO)
    ended_well = done.returncode == 0
    return Outcome(
        seconds=round(seconds, 2),
        stage=stages[-1].split("'")[1] if stages else "",
        repaired="dvc.lock was half-written" in done.stderr,
        ended_well=ended_well,
        differing=differing_outs(reference, project) if ended_well else [],
        left_over=sorted(result_files(project) - result_files(reference)) if ended_well else [],
        runs=unfinished_runs(project) if ended_well else [],
        output="" if ended_well else done.stdout + done.stderr,
    )


def result_files(project: Project) -> set[str]:
    """Return all files in the clone except `NOT_RESULTS`."""
    return {name for name in project.files() if not name.startswith(NOT_RESULTS)}


def unfinished_runs(project: Project) -> list[str]:
    """Return the experiments with a run that has not ended, or without a finished run."""
    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    found = []
    for experiment in client.search_experiments(filter_string="name != 'Default'"):
        statuses = [run.info.status for run in client.search_runs([experiment.experiment_id])]
        if "RUNNING" in statuses or "FINISHED" not in statuses:
            found.append(f"{experiment.name}: {', '.join(statuses)}")
    return found


def main() -> None:
    """Write benchmarks/results/kill.json. Exit with code 1 if any kill has a visible effect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=42, help="seed of the random moments")
    parser.add_argument("--at-once", type=int, default=1, help="clones that run in parallel")
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.at_once) as pool:
        reference = clone(Path(folder, "reference"))
        reference.edit(TINY)
        start = time.monotonic()
        reproduce(reference)
        duration = time.monotonic() - start
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
            status = "same" if outcome.good else f"NOT THE SAME: {asdict(outcome)}"
            print(f"{number}: {outcome.seconds:.1f} s, {outcome.stage}: {status}", flush=True)
    options = f"--kills {arguments.kills} --seed {arguments.seed} --at-once {arguments.at_once}"
    write_result("kill", summarise(outcomes), options)
    if not all(outcome.good for outcome in outcomes):
        sys.exit(1)


def summarise(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the counts of each kind of outcome."""
    good = [float(outcome.good) for outcome in outcomes]
    return {
        "against": "an uninterrupted run",
        "unit": "1 if the kill has no visible effect after the next run, otherwise 0",
        "better": "higher",
        **describe_ratios(good, [1.0] * len(good)),
        "kills": len(outcomes),
        "repaired": sum(outcome.repaired for outcome in outcomes),
        "ended_well": sum(outcome.ended_well for outcome in outcomes),
        "same_lock": sum(outcome.ended_well and not outcome.differing for outcome in outcomes),
        "nothing_left_over": sum(outcome.good for outcome in outcomes),
        "stages": dict(sorted(Counter(outcome.stage or "none" for outcome in outcomes).items())),
        "not_good": [asdict(outcome) for outcome in outcomes if not outcome.good],
    }


if __name__ == "__main__":
    main()
