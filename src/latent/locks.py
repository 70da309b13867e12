"""Locks that keep two processes from doing the same work at once."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from latent.errors import InputError


@contextmanager
def exclusive(folder: Path, what: str) -> Iterator[None]:
    """Run the block only if no other process runs it; the lock ends with its process.

    This is needed because a killed `dvc` does not stop the stage that it started, and the next
    `dvc` would start the same stage again.

    Args:
        folder: folder of the lock files, common to all processes; it is created when needed.
        what: name of the work, such as a command. It identifies the lock and is shown in the error
            message.

    Raises:
        InputError: another process does this work. The message contains its process id.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # `what` may contain characters that file names cannot contain, so the file is named by a hash.
    path = folder / f"{hashlib.sha256(what.encode()).hexdigest()[:16]}.lock"
    owner = path.with_suffix(".pid")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        pid = owner.read_text(encoding="utf-8") if owner.exists() else "unknown"
        raise InputError(
            f"{what} is already running as process {pid}: wait until it ends, or stop it with "
            f"`kill {pid}`, then try again"
        ) from None
    try:
        owner.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()
