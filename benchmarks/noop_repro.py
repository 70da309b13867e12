"""What it costs to find that nothing has changed: `python -m benchmarks.noop_repro`.

In a clone in which the pipeline has run, `dvc repro` and, in turn, `sha256sum` of all files that
the stages read and made: what somebody without DVC would compare. Writes results/noop_repro.json,
which README.md beside this file explains.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.clone import ROOT, Project, clone
from benchmarks.results import describe_ratios, write_result
from benchmarks.verify import reproduce

# What the stages left in the project's own folder.
RESULTS = ("dvc.lock", "data", "models", "reports")


def prepare(folder: Path) -> Project:
    """Return a clone with the results of the default pipeline: those that are here, if any are."""
    project = clone(folder)
    if all((ROOT / name).exists() for name in RESULTS):
        for name in RESULTS:
            path, copy = ROOT / name, folder / name
            if path.is_dir():
                shutil.copytree(path, copy, dirs_exist_ok=True)
            else:
                shutil.copyfile(path, copy)
        # Into the clone's cache, without which nothing counts as made; refused where it is no more
        # what dvc.lock says.
        project.run("dvc", "commit")
    # The rest is made here: nothing, if what was copied is up to date.
    reproduce(project)
    return project


def files_of(project: Project) -> list[str]:
    """Return the files that the stages depend on and made, by dvc.lock."""
    found = set()
    for stage in project.lock().values():
        for entry in [*stage.get("deps", []), *stage["outs"]]:
            path = project.folder / entry["path"]
            found |= {file for file in [path, *path.rglob("*")] if file.is_file()}
    return sorted(str(file.relative_to(project.folder)) for file in found)


def seconds(project: Project, *command: str) -> float:
    """Return how long a command takes, and check that DVC ran no stage.

    Raises:
        RuntimeError: it fails, or a stage was run.
    """
    begun = time.perf_counter()
    done = project.run(*command)
    taken = time.perf_counter() - begun
    if done.returncode or "Running stage" in done.stdout:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return taken


def main() -> None:
    """Measure, and write down what came out."""
    parser = argparse.ArgumentParser(description="Time a `dvc repro` with nothing to do.")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    repro, mend, sums = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        project = prepare(Path(folder, "clone"))
        files = files_of(project)
        for _ in range(given.rounds + 1):
            repro.append(seconds(project, "dvc", "repro"))
            sums.append(seconds(project, "sha256sum", *files))
            mend.append(seconds(project, "python", "-m", "stages.repair_lock"))
        size = sum((project.folder / name).stat().st_size for name in files)
    findings = {
        "against": "sha256sum of all files that the stages read and made",
        "unit": "seconds",
        "better": "less",
        **describe_ratios(repro[1:], sums[1:]),
        "rounds": given.rounds,
        "seconds": round(median(repro[1:]), 2),
        "seconds_against": round(median(sums[1:]), 2),
        # `make repro` runs `stages.repair_lock` before it.
        "seconds_make_repro": round(median(map(sum, zip(repro[1:], mend[1:], strict=True))), 2),
        "files": len(files),
        "megabytes": round(size / 1e6),
    }
    write_result("noop_repro", findings, f"--rounds {given.rounds}")


if __name__ == "__main__":
    main()
