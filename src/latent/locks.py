"""Locks that keep two processes from doing the same work at once."""

import fcntl
import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from filelock import FileLock, Timeout

from latent.errors import InputError

log = logging.getLogger(__name__)


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
    path = _lock_file(folder, what)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        pid = _owner(path)
        stop = f"stop it with `kill {pid}`" if pid.isdecimal() else "stop it"
        raise InputError(
            f"{what} is already running as process {pid}: wait until it ends, or {stop}, then try "
            "again"
        ) from None
    with _released(lock, path):
        yield


@contextmanager
def in_turn(folder: Path, what: str) -> Iterator[Callable[[], bool]]:
    """Run the block when no other process runs it; the lock ends with its process.

    Experiments that DVC runs at once, each in a copy of the project, may need the same training or
    download. The first process does the work, and the others wait for its result.

    Args:
        folder: folder of the lock files, common to all processes; it is created when needed.
        what: name of the work, such as "training vae_fashion". It identifies the lock and is shown
            in the log.

    Yields:
        A function that returns whether other processes wait. If so, keep the result for the next.
    """
    path = _lock_file(folder, what)
    lock = FileLock(path)
    # Each process shares this second lock from before it asks for the first until it has that one.
    with path.with_suffix(".waiting").open("a+", encoding="utf-8") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_SH)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            log.info("Waiting for process %s, which runs the same %s", _owner(path), what)
            lock.acquire()
        fcntl.flock(waiting, fcntl.LOCK_UN)
        with _released(lock, path):
            yield lambda: _is_shared(waiting)


def _lock_file(folder: Path, what: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    # `what` may contain characters that file names cannot contain, so the file is named by a hash.
    return folder / f"{hashlib.sha256(what.encode()).hexdigest()[:16]}.lock"


def _owner(path: Path) -> str:
    """Return the id of the process that holds a lock, or "unknown" if it is just changing."""
    try:
        return path.with_suffix(".pid").read_text(encoding="utf-8") or "unknown"
    except FileNotFoundError:
        return "unknown"


@contextmanager
def _released(lock: FileLock, path: Path) -> Iterator[None]:
    """Record this process as the owner of an acquired lock, and release it after the block."""
    owner = path.with_suffix(".pid")
    try:
        owner.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _is_shared(file: TextIOWrapper) -> bool:
    """Return whether another process holds a shared lock of a file."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file, fcntl.LOCK_UN)
    return False
