"""An archive that the user already has."""

import shutil
from pathlib import Path

from latent.data.celeba import open_archive, read_layout
from latent.errors import InputError


def take_archive(source: Path, target: Path) -> None:
    """Copy the user's archive to `target`.

    Raises:
        InputError: it is missing, is no zip file, or its tables do not fit its images.
    """
    with open_archive(source) as archive:
        read_layout(archive)
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(f"{source}: cannot be copied to {target}: {error.strerror}") from None
