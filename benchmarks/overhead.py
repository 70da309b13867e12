"""Where each second of `make repro` goes: `python -m benchmarks.overhead`.

Runs its two commands in a clone with nothing in it, and times each stage from inside, without a
change to its code (`benchmarks/clocks`). The seconds of the main thread are the stage's start-up,
its data, its work, its saving and its tracking; those between two stages are DVC's. Writes
results/overhead.json, which README.md beside this file explains.
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

CLOCKS = Path(__file__).parent / "clocks"
WORK = "work"
# And the letters that they have in a bar.
KINDS = {"dvc": "d", "start-up": "s", "data": "r", "saving": "w", "tracking": "t", WORK: "·"}
BAR = 40  # letters

Seconds = dict[str, dict[str, float]]


def measure(folder: Path, tiny: bool) -> Seconds:
    """Run the pipeline in a clone at `folder`, and return the seconds of each kind by stage.

    Raises:
        RuntimeError: it fails; the message is what it printed.
    """
    project = clone(folder)
    if tiny:
        project.edit(TINY)
    notes = folder.with_name(f"{folder.name}-clocks")
    notes.mkdir()
    begun = time.monotonic()
    for command in (("python", "-m", "stages.repair_lock"), ("dvc", "repro")):
        done = project.run(*command, PYTHONPATH=str(CLOCKS), LATENT_CLOCKS=str(notes))
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
    ended = time.monotonic()
    found = [json.loads(path.read_text(encoding="utf-8")) for path in notes.glob("*.json")]
    return attribute(sorted(found, key=lambda process: process["begun"]), begun, ended)


def attribute(processes: list[dict[str, Any]], begun: float, ended: float) -> Seconds:
    """Return each process' seconds by kind, and as DVC's those from its end to the next's begin.

    Args:
        processes: as `clocks` writes them, in the order of their beginnings.
        begun: when all of it began, by the same clock.
        ended: when it ended.
    """
    seconds: Seconds = {"dvc": {"dvc": processes[0]["begun"] - begun}}
    ends = [process["begun"] for process in processes[1:]] + [ended]
    for process, end in zip(processes, ends, strict=True):
        seconds[process["stage"]] = {**process["seconds"], "dvc": end - process["ended"]}
    return seconds


def overhead(seconds: Seconds) -> float:
    """Return the share of all seconds that is no stage's own work."""
    everything = sum(sum(kinds.values()) for kinds in seconds.values())
    return 1 - sum(kinds.get(WORK, 0) for kinds in seconds.values()) / everything


def show(seconds: Seconds) -> str:
    """Return a line per stage: seconds, a bar of what they were, and those of each kind."""
    lines = [f"{'':24}{'seconds':>8}  {'':{BAR}}" + "".join(f"{kind:>9}" for kind in KINDS)]
    sums = {kind: sum(kinds.get(kind, 0) for kinds in seconds.values()) for kind in KINDS}
    for stage, kinds in {**seconds, "in all": sums}.items():
        total = sum(kinds.values())
        bar = "".join(
            letter * round(BAR * kinds.get(kind, 0) / total) for kind, letter in KINDS.items()
        )
        columns = "".join(f"{kinds.get(kind, 0):9.2f}" for kind in KINDS)
        lines.append(f"{stage:24}{total:8.1f}  {bar:{BAR}.{BAR}}{columns}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print a bar per stage, and write down what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--tiny", action="store_true", help="all stages on a few images only")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [measure(Path(folder, str(run)), given.tiny) for run in range(given.runs)]
    shares = [overhead(seconds) for seconds in runs]
    # The run in the middle stands for all.
    shown = runs[shares.index(sorted(shares)[len(shares) // 2])]
    print(show(shown))
    if given.tiny:
        sys.exit("Of a few images: nothing is written")
    findings = {
        "against": "all seconds of `make repro`, the stages' own work among them",
        "unit": "share of the seconds that is no stage's own work",
        "better": "less",
        "ratio_median": round(median(shares), 3),
        "ratio_min": round(min(shares), 3),
        "ratio_max": round(max(shares), 3),
        "runs": given.runs,
        "seconds": round(sum(sum(kinds.values()) for kinds in shown.values()), 1),
        "stages": {
            stage: {kind: round(kinds[kind], 2) for kind in KINDS if kind in kinds}
            for stage, kinds in shown.items()
        },
    }
    write_result("overhead", findings, f"--runs {given.runs}")


if __name__ == "__main__":
    main()
