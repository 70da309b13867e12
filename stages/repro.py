"""Runs the stages that are out of date: `make repro`.

This is `dvc repro`, after a repair of dvc.lock, with the estimated time and with a fork server.
"""

import gc
import signal
import sys
from pathlib import Path

from dvc.cli import main as run_dvc
from dvc.repo import Repo
from dvc.repo.reproduce import get_active_graph, plan_repro

from latent.errors import InputError
from latent.params import load_params
from stages import fork_server, repair_lock
from stages.estimates import estimate
from stages.progress import duration, make_plan

PLAN = Path(".cache/plan.json")
LONG = 150  # seconds
SMALLER = "; `make quick` runs every stage on a small sample"


def reproduce(smaller: str = SMALLER) -> int:
    """Run the stages that are out of date, and return the exit code of `dvc repro`.

    Args:
        smaller: What to do if the run takes long, as the end of a sentence.

    Raises:
        InputError: params.yaml is invalid, and a stage is out of date.
    """
    repair_lock.main()
    stages = out_of_date()
    if stages == []:
        sys.stdout.write("Data and pipelines are up to date.\n")
        return 0
    server = None
    if stages:
        seconds = make_plan(PLAN, estimate(stages, load_params(Path("params.yaml"))))
        count = "1 stage is" if len(stages) == 1 else f"{len(stages)} stages are"
        hint = smaller if seconds > LONG else ""
        sys.stdout.write(f"{count} out of date: about {duration(seconds)}{hint}\n\n")
        sys.stdout.flush()
        # For fewer stages it would start as many packages as it saves.
        server = fork_server.start() if len(stages) > 2 else None
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return int(run_dvc(["repro"]))
    finally:
        if server:
            server.kill()
            server.wait()


def out_of_date() -> list[str] | None:
    """Return the names of the stages that `dvc repro` runs, in their order.

    The list may contain stages whose dependencies prove to be the same when others have run. It is
    None if DVC reports an error, which `dvc repro` then reports too.
    """
    found = []
    try:
        with Repo() as repo, repo.lock:
            graph = get_active_graph(repo.index.graph)
            for stage in plan_repro(graph, list(graph)):
                # The edges lead from a stage to those that it depends on.
                if any(other in found for other in graph.successors(stage)) or stage.changed():
                    found.append(stage)
    except Exception:
        return None
    return [stage.addressing for stage in found]


def main() -> None:
    """Run the stages. The exit code is that of `dvc repro`."""
    try:
        sys.exit(reproduce())
    except (InputError, OSError) as error:
        sys.exit(f"ERROR: {error}")


if __name__ == "__main__":
    main()
