"""Measures the time of `dvc repro` if nothing has changed.

Run `python -m benchmarks.noop_repro`. In a clone with results, it alternates `dvc repro` with
`sha256sum` of all dependencies and outs of the stages, which detects changes without DVC. The
result is results/noop_repro.json. README.md in this folder explains it.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.clone import ROOT, Project, clone
from benchmarks.results import describe_ratios, write_result
from benchmarks.verify import MAKE_REPRO, reproduce

# Results of the stages in the project folder.
RESULTS = ("dvc.lock", "data", "models", "reports")


def prepare(folder: Path) -> Project:
    """Return a clone with the results of the pipeline.

    Results are copied from the project if they exist. Missing or outdated results are computed.
    """
    project = clone(folder)
    if all((ROOT / name).exists() for name in RESULTS):
        for name in RESULTS:
            path, copy = ROOT / name, folder / name
            if path.is_dir():
                shutil.copytree(path, copy, dirs_exist_ok=True)
            else:
                shutil.copyfile(path, copy)
        # Add the results to the clone's cache, because DVC ignores outs that are not cached. This
        # fails if the results do not match dvc.lock.
        project.run("dvc", "commit")
    # Runs only the stages whose results are missing or outdated.
    reproduce(project)
    return project


def files_of(project: Project) -> list[str]:
    """Return the files of all dependencies and outs in dvc.lock."""
    found = set()
    for stage in project.lock().values():
        for entry in [*stage.get("deps", []), *stage["outs"]]:
            path = project.folder / entry["path"]
            found |= {file for file in [path, *path.rglob("*")] if file.is_file()}
    return sorted(str(file.relative_to(project.folder)) for file in found)


def seconds(project: Project, *command: str) -> float:
    """Return the seconds that a command takes.

    Raises:
        RuntimeError: The command failed, or DVC ran a stage.
    """
    start = time.perf_counter()
    done = project.run(*command)
    duration = time.perf_counter() - start
    if done.returncode or "Running stage" in done.stdout:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return duration


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Time a `dvc repro` with nothing to do.")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    repro, make, sums = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        project = prepare(Path(folder, "clone"))
        files = files_of(project)
        for _ in range(options.rounds + 1):
            repro.append(seconds(project, "dvc", "repro"))
            sums.append(seconds(project, "sha256sum", *files))
            make.append(seconds(project, *MAKE_REPRO))
        size = sum((project.folder / name).stat().st_size for name in files)
    findings = {
        "against": "sha256sum of all dependencies and outs of the stages",
        "unit": "seconds",
        "better": "lower",
        **describe_ratios(repro[1:], sums[1:]),
        "rounds": options.rounds,
        "seconds": round(median(repro[1:]), 2),
        "seconds_against": round(median(sums[1:]), 2),
        "seconds_make_repro": round(median(make[1:]), 2),
        "files": len(files),
        "megabytes": round(size / 1e6),
    }
    write_result("noop_repro", findings, f"--rounds {options.rounds}")


if __name__ == "__main__":
    main()
