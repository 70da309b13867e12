"""One process at a time where two would spoil each other's work."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from latent.errors import InputError


@contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Do the block if no other process does the same, which the system forgets when it dies.

    A killed `dvc` leaves the stage that it started running, and the next one starts it once more.

    Args:
        folder: where processes that must know of each other look; made if need be.
        what: the work, in words of a command.

    Raises:
        InputError: another process is at it; the message says which.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Words make no file name; a few digits of their hash tell them apart.
    path = folder / f"{hashlib.sha256(what.encode()).hexdigest()[:16]}.lock"
    owner = path.with_suffix(".pid")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        pid = owner.read_text(encoding="utf-8") if owner.exists() else "unknown"
        raise InputError(
            f"{what} is running already, as process {pid}: wait until it ends, or stop it with "
            f"`kill {pid}`, and run this again"
        ) from None
    try:
        owner.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()
