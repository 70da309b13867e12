"""Compares the installation of the packages with pip's, in seconds.

Run `python -m benchmarks.setup`. It installs requirements.txt into new environments: with uv, as
`make setup` does, and with pip. Both start from empty caches, and then from the caches that they
have filled. The result is results/setup.json. README.md in this folder explains it.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.clone import ROOT, clean_environment
from benchmarks.results import describe_ratios, find_versions, write_result

# Installers, and their arguments after the environment's Python.
INSTALLERS = {
    "project": ("stages/install.py",),
    "pip": ("-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
}
# Packages with the slowest imports. If the installer has not compiled their modules, Python does.
IMPORTS = "import dvc.cli, keras, mlflow"


class Turn(NamedTuple):
    """Seconds of one installation.

    Attributes:
        wall: seconds of the installation.
        processor: processor seconds of the installation.
        imports: seconds of the first import of the largest packages after it.
    """

    wall: float
    processor: float
    imports: float


def install(installer: str, caches: Path) -> Turn:
    """Install the packages into a new environment."""
    environment = clean_environment(PIP_CACHE_DIR=f"{caches}/pip", UV_CACHE_DIR=f"{caches}/uv")
    with tempfile.TemporaryDirectory(dir=caches.parent) as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = f"{folder}/bin/python"
        command = [python, *INSTALLERS[installer], "--requirement", "requirements.txt"]
        before, start = processor_seconds(), time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        wall, processor = time.perf_counter() - start, processor_seconds() - before
        start = time.perf_counter()
        subprocess.run([python, "-c", IMPORTS], env=environment, capture_output=True, check=True)
        return Turn(wall, processor, time.perf_counter() - start)


def processor_seconds() -> float:
    """Return the processor seconds of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def describe(turns: list[Turn]) -> dict[str, float]:
    """Return the medians of turns."""
    return {
        "seconds": round(median(turn.wall for turn in turns), 1),
        "processor_seconds": round(median(turn.processor for turn in turns), 1),
        "first_import_seconds": round(median(turn.imports for turn in turns), 1),
    }


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description="Compare the installation of the packages.")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    cold: dict[str, list[Turn]] = {name: [] for name in INSTALLERS}
    warm: dict[str, list[Turn]] = {name: [] for name in INSTALLERS}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            for turns in (cold, warm):
                for name in INSTALLERS:
                    turns[name].append(install(name, Path(folder, "caches")))
    ratios = describe_ratios(
        [turn.wall for turn in cold["project"]], [turn.wall for turn in cold["pip"]]
    )
    findings = {
        "against": "pip install of the same requirements.txt, both from empty caches",
        "unit": "seconds",
        "better": "lower",
        **ratios,
        "rounds": options.rounds,
        "cold": {name: describe(turns) for name, turns in cold.items()},
        "warm": {name: describe(turns) for name, turns in warm.items()},
        "installers": find_versions(("pip", "uv")),
    }
    write_result("setup", findings, f"--rounds {options.rounds}")


if __name__ == "__main__":
    main()
