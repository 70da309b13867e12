"""Says which stage of `make repro` runs, and how long the whole run still takes.

The estimates are for a fast machine. The time that the stages have taken so far, or that they took
in the last run, tells how much slower this one is.
"""

import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from latent.errors import InputError
from latent.io.files import read_json, write_json

PLAN = "LATENT_PLAN"
"""Environment variable with the path of the plan, for the stages that `make repro` starts."""
# Estimated seconds for which the slowness of the last run counts, against that of this run.
WEIGHT = 10


def make_plan(path: Path, seconds: Mapping[str, float]) -> float:
    """Write the plan of a run, and return the estimated seconds that it takes.

    Args:
        path: The plan. If it exists, it is that of the last run.
        seconds: Estimated seconds of each stage on a fast machine, in the order of execution.
    """
    slowness = 1.0
    with suppress(InputError, KeyError, TypeError, ValueError):
        slowness = float(read_json(path)["slowness"])
    path.parent.mkdir(exist_ok=True)
    plan = {"begun": time.monotonic(), "before": slowness, "slowness": slowness}
    write_json(path, {**plan, "seconds": dict(seconds), "ran": []})
    os.environ[PLAN] = str(path)
    return slowness * sum(seconds.values())


def announce() -> None:
    """Print the position of this stage in the plan of `make repro`, and the time that is left."""
    stage, path = os.environ.get("DVC_STAGE", ""), os.environ.get(PLAN)
    if path is None:
        return
    try:
        plan = read_json(Path(path))
    except InputError:  # someone has removed it
        return
    stages = list(plan["seconds"])
    if stage not in stages:
        return
    position = stages.index(stage)
    # DVC may have restored earlier stages from its cache without running them.
    done = sum(plan["seconds"][name] for name in plan["ran"])
    elapsed = time.monotonic() - plan["begun"]
    plan["slowness"] = (elapsed + WEIGHT * plan["before"]) / (done + WEIGHT)
    left = plan["slowness"] * sum(list(plan["seconds"].values())[position:])
    plan["ran"].append(stage)
    write_json(Path(path), plan)
    sys.stdout.write(f"[{position + 1}/{len(stages)}] {stage}, about {duration(left)} left\n")
    sys.stdout.flush()


def duration(seconds: float) -> str:
    """Return a rounded duration, such as "40 s", "12 min" or "2.5 h"."""
    if seconds < 55:
        return f"{max(1, round(seconds / 10)) * 10} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
