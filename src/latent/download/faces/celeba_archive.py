"""A user-supplied archive of CelebA: from Kaggle, or the release by the authors of CelebA."""

import logging
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from latent.download.faces.disk import clone_or_copy, require_space
from latent.errors import InputError, describe
from latent.raw.celeba.layout import (
    ARCHIVE,
    ATTRIBUTES,
    IMAGES,
    find_folder_tables,
    find_tables,
    list_names,
    open_archive,
    read_layout,
    read_member,
    unread_tables,
)
from latent.raw.folder_or_zip import ZIP_ERRORS, Folder, Zip, printable
from latent.raw.image import IMAGE_EXTENSIONS

RELEASE_IMAGES = f"{IMAGES}.zip"  # the archive of images in the release by the authors

log = logging.getLogger(__name__)


def copy_archive(location: Path, folder: Path) -> None:
    """Put a user-supplied archive, and tables that it does not contain, into `folder`.

    Files are cloned if the file system can, else copied.

    Args:
        location: a zip with images, which contains the tables or has them in the same folder; or a
            folder, or a zip of such a folder, that contains `RELEASE_IMAGES` and the tables in any
            subfolders.
        folder: existing folder to write into.

    Raises:
        InputError: there is no archive, it is not a zip file, or its tables do not match its
            images.
    """
    source = location
    around: list[str] = []
    if location.is_dir():
        around = Folder(location).names
        source = location / _find_release_images(around, location)
        tables = {
            table: location / name
            for table, name in find_tables(around, printable(location)).items()
        }
    with open_archive(source) as archive:
        names = Zip(source, archive).names
        if source == location:
            if not any(name.lower().endswith(IMAGE_EXTENSIONS) for name in names):
                _extract_release(archive, names, location, folder)
                return
            tables = find_folder_tables(location.parent)
        read_layout(archive, tables)
        contained = find_tables(names, printable(source))
    _warn_without_attributes({**tables, **contained}, [*names, *around], location)
    clone_or_copy(source, folder / ARCHIVE)
    for table, path in tables.items():
        if table not in contained:
            clone_or_copy(path, folder / path.name)


def _extract_release(
    archive: zipfile.ZipFile, names: Sequence[str], location: Path, folder: Path
) -> None:
    """Extract the archive of images and the tables from a zip of the authors' release."""
    member = _find_release_images(names, location)
    require_space(folder, archive.getinfo(member).file_size, printable(location))
    try:
        with archive.open(member) as source, (folder / ARCHIVE).open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except ZIP_ERRORS as error:
        origin = f"{printable(location)}: {printable(member)}"
        raise InputError(f"{origin}: cannot be read: {describe(error)}") from None
    for name in find_tables(names, printable(location)).values():
        (folder / PurePosixPath(name).name).write_bytes(read_member(archive, name))
    try:
        with open_archive(folder / ARCHIVE) as extracted:
            read_layout(extracted)
    except InputError as error:
        # Replace the paths of the extracted files by their paths in the user's zip.
        message = str(error).replace(f"{folder / ARCHIVE}", f"{location}: {member}")
        raise InputError(message.replace(f"{folder}/", f"{location}: ")) from None
    _warn_without_attributes(find_tables(names, printable(location)), names, location)


def _warn_without_attributes(
    tables: Mapping[str, object], names: Iterable[str], location: Path
) -> None:
    if ATTRIBUTES not in tables:
        others = unread_tables(names)
        log.warning(
            "%s: contains no %s.csv, so the images have no attributes%s",
            printable(location),
            ATTRIBUTES,
            f"; not read as a table: {list_names(others)}" if others else "",
        )


def _find_release_images(names: Sequence[str], location: Path) -> str:
    found = [name for name in names if PurePosixPath(name).name == RELEASE_IMAGES]
    if len(found) != 1:
        images = "" if location.is_dir() else f"no images ({', '.join(IMAGE_EXTENSIONS)}) and "
        number = f"{len(found)} files named" if found else "no"
        needed = "" if location.is_dir() else "images or "
        raise InputError(
            f"{printable(location)}: contains {images}{number} {RELEASE_IMAGES}; {needed}"
            "exactly one such file is required"
        )
    return found[0]
