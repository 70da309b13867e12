"""How much memory a command takes, with all the processes that it starts."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.clone import ROOT, clean_environment

PERIOD = 0.02  # seconds between two looks
YOUNG = 0.2  # seconds that a process may be a copy of its parent, which is counted already


@dataclass(frozen=True)
class Finished:
    """A command that ended well.

    Attributes:
        output: what it wrote to standard output.
        seconds: how long it ran, start-up included.
        peak: bytes of resident memory of all its processes at one time, at most. What two of them
            share counts twice.
    """

    output: str
    seconds: float
    peak: int


def run_watched(*command: str, folder: Path = ROOT) -> Finished:
    """Run a module of the project, in `folder`, to its end, and watch its memory."""
    began = time.perf_counter()
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
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Finished(output, time.perf_counter() - began, peak)


def _resident(process: psutil.Process) -> int:
    total = 0
    try:
        children = process.children(recursive=True)
        grown = [child for child in children if time.time() - child.create_time() > YOUNG]
        for member in (process, *grown):
            total += member.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total
