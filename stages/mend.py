"""Mends a dvc.lock that a kill left half-written: `python -m stages.mend`, before `dvc repro`.

DVC writes the file in place, after each stage, in some hundredths of a second. It is put back as it
was when the last stage began.
"""

import os
import sys

from dvc.dvcfile import Lockfile
from dvc.repo import Repo
from dvc.utils.strictyaml import YAMLSyntaxError, YAMLValidationError

from stages.common import KEPT_LOCK, LOCK


def main() -> None:
    """Put dvc.lock back where DVC was killed while it wrote the file."""
    if not LOCK.exists() or _is_whole():
        return
    if KEPT_LOCK.exists():
        os.replace(KEPT_LOCK, LOCK)
    else:
        LOCK.unlink()
    sys.stderr.write("dvc.lock was half-written: it is as before the last stage again\n")


def _is_whole() -> bool:
    # A piece may be readable, and end within a number.
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
