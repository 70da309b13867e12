"""Checks of free disk space, and copies that use no space where the file system allows it."""

import shutil
from pathlib import Path

from dvc_objects.fs.system import reflink

from latent.errors import InputError, describe
from latent.raw.folder_or_zip import printable


def require_space(folder: Path, needed: int, origin: str) -> None:
    """Check that a disk has enough free space.

    Args:
        folder: existing folder on the disk.
        needed: number of bytes.
        origin: path or name of what needs the space, for error messages.

    Raises:
        InputError: the disk has less free space.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"{origin}: needs {needed / 1e9:.2f} GB, but the disk of {printable(folder)} has only "
            f"{free / 1e9:.2f} GB free"
        )


def clone_or_copy(source: Path, target: Path) -> None:
    """Copy a file, without using disk space if the file system can clone files (reflink).

    A hard link would be the same file as the user's: DVC would make it read-only and keep it in its
    cache, and a change of it would damage the cache.

    Raises:
        InputError: `source` cannot be read, or the disk has not enough space for a copy.
    """
    try:
        reflink(str(source), str(target))  # type: ignore[no-untyped-call]
        return
    except OSError:
        pass
    try:
        require_space(target.parent, source.stat().st_size, printable(source))
        shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(
            f"{printable(source)}: cannot be copied to {printable(target)}: {describe(error)}"
        ) from None
