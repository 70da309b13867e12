"""Room on the disk, and files that are in two places without taking it twice."""

import shutil
from pathlib import Path

from dvc_objects.fs.system import hardlink, reflink

from latent.errors import InputError
from latent.raw.folder_or_zip import one_line


def require_room(folder: Path, needed: int, what: str) -> None:
    """Raise InputError where the disk of `folder`, which exists, has no room for `needed` bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"{what}: takes {needed / 1e9:.2f} GB, and the disk of {one_line(folder)} has "
            f"{free / 1e9:.2f} GB free"
        )


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`: cloned or linked where the file system can.

    Raises:
        InputError: `source` cannot be read, or there is no room for a copy.
    """
    for link in (reflink, hardlink):
        try:
            link(str(source.resolve()), str(target))
            return
        except OSError:
            continue
    try:
        require_room(target.parent, source.stat().st_size, one_line(source))
        shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(
            f"{one_line(source)}: cannot be copied to {one_line(target)}: {error.strerror}"
        ) from None
