"""What the figures cost, against the start of the process that draws them.

`python -m benchmarks.figures` runs each stage of figures on the results that are here, in a copy
of them, and in turn a process that imports what the stage imports and ends. Writes
results/figures.json, which README.md beside this file explains.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.noop_repro import prepare
from benchmarks.results import describe_ratios, write_result

START = "import gc, {module}; gc.freeze()"  # as `stages.common.run` does


def seconds(folder: Path, *words: str) -> float:
    """Return how long Python takes for `words`, in a clone."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description="Time the stages that draw figures.")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "clone")
        commands = prepare(folder).commands()
        stages = {name: words for name, words in commands.items() if name.startswith("figures")}
        drawing: dict[str, list[float]] = {stage: [] for stage in stages}
        starting: dict[str, list[float]] = {stage: [] for stage in stages}
        for _ in range(given.rounds + 1):
            for stage, command in stages.items():
                drawing[stage].append(seconds(folder, *command[1:]))
                starting[stage].append(seconds(folder, "-c", START.format(module=command[2])))
    whole = [sum(times) for times in zip(*drawing.values(), strict=True)]
    start = [sum(times) for times in zip(*starting.values(), strict=True)]
    findings = {
        "against": "processes that import what the stages import, and end",
        "unit": "seconds of all stages of figures together",
        **describe_ratios(whole[1:], start[1:]),
        "rounds": given.rounds,
        "seconds": round(median(whole[1:]), 1),
        "seconds_against": round(median(start[1:]), 1),
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
