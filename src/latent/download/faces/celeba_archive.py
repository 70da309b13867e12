"""An archive that the user already has: Kaggle's, or what the authors of CelebA publish."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from latent.download.faces.disk import link_or_copy, require_room
from latent.errors import InputError
from latent.raw.celeba.layout import (
    ARCHIVE,
    IMAGES,
    find_outside,
    find_tables,
    open_archive,
    read_layout,
    read_member,
)
from latent.raw.folder_or_zip import UNREADABLE, Folder, Zip, one_line
from latent.raw.image import IMAGE_KINDS

PACKED = f"{IMAGES}.zip"  # what the authors' images are packed in


def take_archive(location: Path, folder: Path) -> None:
    """Put an archive of the user's, and tables that it does not hold, into `folder`.

    The file is cloned or linked where the file system can, else copied.

    Args:
        location: a zip, with tables in it or beside it; or a folder, or a zip of one, that holds
            `PACKED` and the tables, in whatever folders.
        folder: where the archive goes; it exists.

    Raises:
        InputError: there is no archive, it is no zip file, or its tables do not fit its images.
    """
    if location.is_dir():
        names = Folder(location).names
        source = location / _find_packed(names, location)
        tables = {
            table: location / name for table, name in find_tables(names, one_line(location)).items()
        }
    else:
        with open_archive(location) as archive:
            names = Zip(location, archive).names
            if not any(name.lower().endswith(IMAGE_KINDS) for name in names):
                _take_packed(archive, names, location, folder)
                return
        source, tables = location, find_outside(location.parent)
    with open_archive(source) as archive:
        read_layout(archive, tables)
        held = find_tables(Zip(source, archive).names, one_line(source))
    link_or_copy(source, folder / ARCHIVE)
    for table, path in tables.items():
        if table not in held:
            link_or_copy(path, folder / path.name)


def _take_packed(
    archive: zipfile.ZipFile, names: Sequence[str], location: Path, folder: Path
) -> None:
    """Take the authors' archive of images, and their tables, out of a zip of all that."""
    packed = _find_packed(names, location)
    require_room(folder, archive.getinfo(packed).file_size, one_line(location))
    try:
        with archive.open(packed) as source, (folder / ARCHIVE).open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except UNREADABLE as error:
        where = f"{one_line(location)}: {one_line(packed)}"
        raise InputError(f"{where}: cannot be read: {error}") from None
    for name in find_tables(names, one_line(location)).values():
        (folder / PurePosixPath(name).name).write_bytes(read_member(archive, name))
    try:
        with open_archive(folder / ARCHIVE) as inner:
            read_layout(inner)
    except InputError as error:
        # The user knows the file by the place where it came from.
        place = str(error).replace(f"{folder / ARCHIVE}", f"{location}: {packed}")
        raise InputError(place.replace(f"{folder}/", f"{location}: ")) from None


def _find_packed(names: Sequence[str], location: Path) -> str:
    found = [name for name in names if PurePosixPath(name).name == PACKED]
    if len(found) != 1:
        raise InputError(
            f"{one_line(location)}: holds {len(found) or 'no'} {PACKED}"
            if location.is_dir()
            else f"{one_line(location)}: holds no image ({', '.join(IMAGE_KINDS)}) and "
            f"{len(found) or 'no'} {PACKED}"
        )
    return found[0]
