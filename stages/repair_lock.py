"""Repairs a half-written dvc.lock: `python -m stages.repair_lock`, before `dvc repro`.

DVC writes the file in place after each stage. If DVC is killed while it writes, this command
restores the copy that the last stage made when it began. DVC also writes its list of the files that
running stages use in place. A half-written one is removed.
"""

import json
import os
import sys
from pathlib import Path

from dvc.dvcfile import Lockfile
from dvc.repo import Repo
from dvc.utils.strictyaml import YAMLSyntaxError, YAMLValidationError

from stages.run import LOCK, LOCK_COPY

IN_USE = Path(".dvc/tmp/rwlock")


def main() -> None:
    """Restore dvc.lock and DVC's list of files in use, if they are damaged."""
    if _is_list_damaged():
        # Another process of DVC that is just writing the list holds this lock.
        with Repo() as repo, repo.lock:
            if _is_list_damaged():
                IN_USE.unlink()
                sys.stderr.write(f"{IN_USE} was half-written. Removed it.\n")
    if not LOCK.exists() or _is_whole():
        return
    if b"<<<<<<<" in LOCK.read_bytes():
        sys.exit("ERROR: dvc.lock: has conflict markers of git; resolve the conflict first")
    if LOCK_COPY.exists():
        os.replace(LOCK_COPY, LOCK)
    else:
        LOCK.unlink()
    sys.stderr.write("dvc.lock was half-written. Restored its state before the last stage.\n")


def _is_list_damaged() -> bool:
    try:
        json.loads(IN_USE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except ValueError:
        return True
    return False


def _is_whole() -> bool:
    # A truncated file can be valid YAML, for example if it ends within a number.
    if not LOCK.read_bytes().endswith(b"\n"):
        return False
    with Repo() as repo:
        try:
            Lockfile(repo, str(LOCK)).load()
        except (YAMLSyntaxError, YAMLValidationError):
            return False
    return True


if __name__ == "__main__":
    main()
