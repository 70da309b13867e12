"""Tags that describe where, when and with which code a run was made.

They are logged to MLflow only. The outs must not depend on them.
"""

import os
import platform
import re
import socket
import subprocess

import psutil

PROCESS_TAG = "process"
CLOCK_TOLERANCE = 60.0  # seconds
# The files that a training depends on, except outs, which change with every training.
SOURCES = ("src", "stages", "params.yaml", "dvc.yaml", "requirements.txt")
# The name that `dvc exp show` lists the experiment under.
EXPERIMENT_TAG = "dvc.experiment"


def origin_tags() -> dict[str, str]:
    """Return tags for this process, machine and state of the code.

    MLflow itself adds the commit, the user and the time.
    """
    tags = {
        PROCESS_TAG: this_process(),
        "machine.host": socket.gethostname(),
        "machine.system": platform.platform(),
        "machine.processor": platform.machine(),
        "machine.cores": str(os.cpu_count()),
        "machine.python": platform.python_version(),
    }
    if "DVC_EXP_NAME" in os.environ:
        tags[EXPERIMENT_TAG] = os.environ["DVC_EXP_NAME"]
    changed = _changed_files()
    if changed is not None:
        tags["git.dirty"] = str(bool(changed)).lower()
    if changed:
        tags["git.changed"] = ", ".join(changed)
    return tags


def this_process() -> str:
    """Return an identifier of this process that is unique across machines and time."""
    process = psutil.Process()
    return f"{socket.gethostname()} {process.pid} {process.create_time():.2f}"


def has_ended(process: str) -> bool:
    """Return whether a process has ended. False if it ran on another machine or is unknown.

    Args:
        process: what `this_process` returned in it. Other programs may use the tag otherwise.
    """
    match = re.fullmatch(r"(.+) (\d{1,9}) (\d+\.\d\d)", process, re.ASCII)
    if not match or match[1] != socket.gethostname():
        return False
    try:
        # Another process may have the same id by now. Setting the clock shifts creation times.
        return abs(psutil.Process(int(match[2])).create_time() - float(match[3])) > CLOCK_TOLERANCE
    except psutil.NoSuchProcess:
        return True


def _changed_files() -> list[str] | None:
    """Return the source files that differ from the last commit, or None without a repository."""
    # Without optional locks, the command does not block other git processes.
    diff = ("git", "--no-optional-locks", "diff", "--name-only", "--relative", "HEAD", "--")
    try:
        done = subprocess.run([*diff, *SOURCES], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.splitlines()
