"""Checks of free disk space, and copies that use no space where the file system allows it."""

import shutil
from pathlib import Path

from dvc_objects.fs.system import hardlink, reflink

from latent.errors import InputError
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


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` a reflink or hard link of `source` if the file system can, else a copy.

    Raises:
        InputError: `source` cannot be read, or the disk has not enough space for a copy.
    """
    for link in (reflink, hardlink):
        try:
            link(str(source.resolve()), str(target))
            return
        except OSError:
            continue
    try:
        require_space(target.parent, source.stat().st_size, printable(source))
        shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(
            f"{printable(source)}: cannot be copied to {printable(target)}: {error.strerror}"
        ) from None
