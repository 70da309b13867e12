"""Runs the pipeline in two clones and compares their results: `make verify`.

The first clone runs `make repro`, with a fork server. The second one runs `dvc repro`, without. Its
path contains a space. Its run uses another time zone, locale, hash seed and umask, and only one CPU
core. None of this may change a result.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.clone import TINY, Project, clone
from benchmarks.compare import differing_outs

MAKE_REPRO = ("python", "-m", "stages.repro")
ELSEWHERE = {
    "TZ": "Pacific/Chatham",
    "LC_ALL": "C",
    "LANG": "C",
    "PYTHONHASHSEED": "7",
    "COLUMNS": "40",
    "OMP_NUM_THREADS": "3",
}


def run_elsewhere(project: Project, command: tuple[str, ...] = ("dvc", "repro")) -> str:
    """Run the pipeline as on another machine with the same type of processor.

    Returns:
        The standard output.
    """
    cores, mask = os.sched_getaffinity(0), os.umask(0o077)
    os.sched_setaffinity(0, {min(cores)})
    try:
        return reproduce(project, command, **ELSEWHERE)
    finally:
        os.sched_setaffinity(0, cores)
        os.umask(mask)


def reproduce(project: Project, command: tuple[str, ...] = MAKE_REPRO, **environment: str) -> str:
    """Run the pipeline in a clone.

    Returns:
        The standard output.

    Raises:
        RuntimeError: The pipeline failed. The message contains its output.
    """
    done = project.run(*command, **environment)
    if done.returncode:
        output = done.stdout + done.stderr
        raise RuntimeError(f"{' '.join(command)} failed in {project.folder}:\n{output}")
    return done.stdout


def main() -> None:
    """Compare the two clones. Exit with code 1 and list the differences, if there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="use a few images")
    tiny = parser.parse_args().tiny
    with tempfile.TemporaryDirectory() as folder:
        projects = [clone(Path(folder, name)) for name in ("first", "second, elsewhere")]
        for project, run in zip(projects, (reproduce, run_elsewhere), strict=True):
            if tiny:
                project.edit(TINY)
            start = time.monotonic()
            run(project)
            print(f"{project.folder.name}: {time.monotonic() - start:.0f} seconds", flush=True)
        differing = differing_outs(*projects)
        stages = projects[0].lock().values()
    if differing:
        sys.exit("\n".join(["The two clones differ:", *differing]))
    outs = sum(len(stage["outs"]) for stage in stages)
    print(f"Identical: {outs} outs of {len(stages)} stages, byte for byte")


if __name__ == "__main__":
    main()
