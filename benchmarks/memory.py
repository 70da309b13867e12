"""Measures the memory of a command and of all processes that it starts."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.clone import ROOT, clean_environment

PERIOD = 0.02  # seconds between two measurements
# Seconds. A younger process may still be a copy of its parent, whose memory is already counted.
MIN_AGE = 0.2


@dataclass(frozen=True)
class Finished:
    """Result of a command that returned 0.

    Attributes:
        output: Its standard output.
        seconds: Its duration, including the start-up.
        peak: Maximum of the total resident memory of its processes, in bytes. Memory that two
            processes share is counted twice.
    """

    output: str
    seconds: float
    peak: int


def run_watched(*command: str, folder: Path = ROOT) -> Finished:
    """Run a module of the project in `folder` and measure its time and memory.

    Args:
        command: The module and its arguments.
        folder: Working directory of the command.

    Raises:
        SystemExit: The command failed.
    """
    start = time.perf_counter()
    process = psutil.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(ROOT)),
        stdout=subprocess.PIPE,
        text=True,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process))
        time.sleep(PERIOD)
    output = process.stdout.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)}: failed with exit code {process.returncode}")
    return Finished(output, time.perf_counter() - start, peak)


def _resident(process: psutil.Process) -> int:
    total = 0
    try:
        children = process.children(recursive=True)
        counted = [child for child in children if time.time() - child.create_time() > MIN_AGE]
        for member in (process, *counted):
            total += member.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total
