"""Where, when and by what a run was made: what may not be in an out."""

import os
import platform
import socket
import subprocess

import psutil

PROCESS_TAG = "process"
CLOCK_STEP = 60.0  # seconds
# What a training depends on; its outs are expected to change.
TRACKED = ("src", "stages", "params.yaml", "dvc.yaml", "requirements.txt")
# DVC says under which name `dvc exp show` lists the experiment that it runs.
EXPERIMENT_TAG = "dvc.experiment"


def origin_tags() -> dict[str, str]:
    """Return tags of a run that is made here and now; MLflow itself adds commit, user and time."""
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
    """Return what no other process is called, of any machine and at any time."""
    process = psutil.Process()
    return f"{socket.gethostname()} {process.pid} {process.create_time():.2f}"


def is_gone(process: str) -> bool:
    """Say whether the process that called itself so was one of this machine, and is no more."""
    host, pid, created = process.rsplit(" ", 2)
    if host != socket.gethostname():
        return False
    try:
        # Another one may have its number by now. A clock that was set moves the times a little.
        return abs(psutil.Process(int(pid)).create_time() - float(created)) > CLOCK_STEP
    except psutil.NoSuchProcess:
        return True


def _changed_files() -> list[str] | None:
    """Return the files that git knows in another form, or None where there is no repository."""
    # Without optional locks, so that git at work elsewhere is not in its way.
    command = ["git", "--no-optional-locks", "diff", "--name-only", "HEAD", "--", *TRACKED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.splitlines()
