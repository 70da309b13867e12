"""Measures how `make repro` spends its time.

Run `python -m benchmarks.overhead`. It runs the command of `make repro` in a clone without results.
`benchmarks/clocks` times each stage without changes to its code. The time of the main thread is
divided into start-up, data, work, saving and tracking. The time between two stages is attributed to
DVC. The result is results/overhead.json. README.md in this folder explains it.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.clone import TINY, clone
from benchmarks.results import write_result
from benchmarks.verify import MAKE_REPRO

CLOCKS = Path(__file__).parent / "clocks"
WORK = "work"
# Kinds of time and their letters in a bar.
KINDS = {"dvc": "d", "start-up": "s", "data": "r", "saving": "w", "tracking": "t", WORK: "·"}
BAR = 40  # width of a bar, in letters

Seconds = dict[str, dict[str, float]]


def measure(folder: Path, tiny: bool) -> Seconds:
    """Run the pipeline in a clone at `folder` and return the seconds of each kind by stage.

    Raises:
        RuntimeError: The pipeline failed. The message is its output.
    """
    project = clone(folder)
    if tiny:
        project.edit(TINY)
    clocks = folder.with_name(f"{folder.name}-clocks")
    clocks.mkdir()
    begun = time.monotonic()
    done = project.run(*MAKE_REPRO, PYTHONPATH=str(CLOCKS), LATENT_CLOCKS=str(clocks))
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    ended = time.monotonic()
    processes = [json.loads(path.read_text(encoding="utf-8")) for path in clocks.glob("*.json")]
    return attribute(sorted(processes, key=lambda process: process["begun"]), begun, ended)


def attribute(processes: list[dict[str, Any]], begun: float, ended: float) -> Seconds:
    """Return the seconds of each kind by stage.

    The kind "dvc" is the time from the end of a stage's process to the start of the next one.

    Args:
        processes: Records as `clocks` writes them, in order of the start times.
        begun: Start time of the pipeline, on the same clock.
        ended: End time of the pipeline.
    """
    seconds: Seconds = {"dvc": {"dvc": processes[0]["begun"] - begun}}
    ends = [process["begun"] for process in processes[1:]] + [ended]
    for process, end in zip(processes, ends, strict=True):
        seconds[process["stage"]] = {**process["seconds"], "dvc": end - process["ended"]}
    return seconds


def overhead(seconds: Seconds) -> float:
    """Return the share of the total time that is not of the kind "work"."""
    total = sum(sum(kinds.values()) for kinds in seconds.values())
    return 1 - sum(kinds.get(WORK, 0) for kinds in seconds.values()) / total


def show(seconds: Seconds) -> str:
    """Return a line per stage: total seconds, a bar and the seconds of each kind."""
    lines = [f"{'':24}{'seconds':>8}  {'':{BAR}}" + "".join(f"{kind:>9}" for kind in KINDS)]
    sums = {kind: sum(kinds.get(kind, 0) for kinds in seconds.values()) for kind in KINDS}
    for stage, kinds in {**seconds, "total": sums}.items():
        total = sum(kinds.values())
        bar = "".join(
            letter * round(BAR * kinds.get(kind, 0) / total) for kind, letter in KINDS.items()
        )
        columns = "".join(f"{kinds.get(kind, 0):9.2f}" for kind in KINDS)
        lines.append(f"{stage:24}{total:8.1f}  {bar:{BAR}.{BAR}}{columns}")
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark, print a bar per stage and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--tiny", action="store_true", help="use a few images, write no result")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [measure(Path(folder, str(run)), options.tiny) for run in range(options.runs)]
    shares = [overhead(seconds) for seconds in runs]
    # The run with the median share.
    median_run = runs[shares.index(sorted(shares)[len(shares) // 2])]
    print(show(median_run))
    if options.tiny:
        sys.exit("No result is written with --tiny")
    findings = {
        "against": "total seconds of `make repro`",
        "unit": "share of the seconds outside the stages' own work",
        "better": "lower",
        "ratio_median": round(median(shares), 3),
        "ratio_min": round(min(shares), 3),
        "ratio_max": round(max(shares), 3),
        "runs": options.runs,
        "seconds": round(sum(sum(kinds.values()) for kinds in median_run.values()), 1),
        "stages": {
            stage: {kind: round(kinds[kind], 2) for kind in KINDS if kind in kinds}
            for stage, kinds in median_run.items()
        },
    }
    write_result("overhead", findings, f"--runs {options.runs}")


if __name__ == "__main__":
    main()
