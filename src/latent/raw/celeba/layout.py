"""Faces in one archive: images, and tables joined to them by file name.

Source: Liu et al., Deep Learning Face Attributes in the Wild, ICCV 2015; layout of the Kaggle data
set jessicali9530/celeba-dataset, and of what its authors publish. The archive is read where it
lies, never unpacked.
"""

import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from posixpath import basename

import pandas as pd

from latent.errors import InputError
from latent.raw.celeba.tables import read_attributes, read_partition
from latent.raw.celeba.wrong_file import describe_mistaken
from latent.raw.folder_or_zip import LARGEST, UNREADABLE, Zip, one_line
from latent.raw.image import IMAGE_KINDS

ARCHIVE = "celeba.zip"
IMAGES = "img_align_celeba"
ATTRIBUTES = "list_attr_celeba"
PARTITION = "list_eval_partition"
TABLES = {f"{table}{kind}": table for table in (ATTRIBUTES, PARTITION) for kind in (".csv", ".txt")}


def read_layout(
    archive: zipfile.ZipFile, outside: Mapping[str, Path] | None = None
) -> pd.DataFrame:
    """Return what an archive says of its images, a row per image in order of their names.

    Args:
        archive: open for reading.
        outside: files of tables that the archive does not hold, by `ATTRIBUTES` and `PARTITION`;
            None for those that lie beside it.

    Returns:
        Columns `image_id` (path below the folder `IMAGES`, or the file name), `member` (path in the
        archive), `partition` ("train", "validation" or "test"), then the attributes as booleans, in
        the table's order: none where there is no table of attributes.

    Raises:
        InputError: there is no image, or two have the same name; there is no partition; a table is
            damaged, names an image that the archive lacks, or lacks one that it holds; an attribute
            is neither −1 nor 1; a partition is not 0, 1 or 2.
    """
    path = Path(archive.filename or "")
    names = Zip(path, archive).names
    members = _images(names, path)
    images = sorted(members)
    if outside is None:
        outside = find_outside(path.parent)
    contents = _read_tables(archive, names, outside)
    if PARTITION not in contents:
        raise InputError(f"{one_line(path)}: holds no {PARTITION}.csv")
    partition = read_partition(*contents[PARTITION], images)
    layout = pd.DataFrame(index=images)
    if ATTRIBUTES in contents:
        layout = read_attributes(*contents[ATTRIBUTES], images)
    layout = layout.rename_axis("image_id").reset_index()
    layout.insert(1, "member", [members[image] for image in images])
    layout.insert(2, "partition", partition)
    return layout


def open_archive(path: Path) -> zipfile.ZipFile:
    """Return the zip file at `path`, open for reading.

    Raises:
        InputError: there is none, or it is damaged.
    """
    # A pipe would never end.
    if path.exists() and not path.is_file():
        raise InputError(f"{one_line(path)}: is no readable zip file: it is no regular file")
    try:
        return zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise InputError(
            f"{one_line(path)}: is no readable zip file: {error}{describe_mistaken(path)}"
        ) from None


def read_member(archive: zipfile.ZipFile, member: str) -> bytes:
    """Return the content of one file in the archive.

    Raises:
        InputError: it is damaged, too large, or cannot be unpacked.
    """
    where = f"{one_line(archive.filename or '')}: {one_line(member)}"
    try:
        # No more is unpacked than the archive's directory declares.
        if archive.getinfo(member).file_size > LARGEST:
            raise InputError(f"{where}: is larger than {LARGEST:,} bytes")
        return archive.read(member)
    except UNREADABLE as error:
        raise InputError(f"{where}: cannot be read: {error}") from None


def image_name(member: str) -> str:
    """Return by what name tables and results know an image, from its path in the archive.

    That is its path below `IMAGES`, which Kaggle's archive has twice; elsewhere the file name. The
    two ways in which Unicode writes é are made one.
    """
    parts = unicodedata.normalize("NFC", member).split("/")
    if IMAGES not in parts[:-1]:
        return parts[-1]
    start = parts.index(IMAGES) + 1
    if parts[start] == IMAGES and start < len(parts) - 1:
        start += 1
    return "/".join(parts[start:])


def find_tables(names: Iterable[str], where: str) -> dict[str, str]:
    """Return which of some files are tables, by `ATTRIBUTES` and `PARTITION`.

    Raises:
        InputError: two are the same table.
    """
    found: dict[str, str] = {}
    for name in names:
        table = TABLES.get(basename(name))
        if table in found:
            raise InputError(
                f"{where}: holds both {one_line(found[table])} and {one_line(name)}; there must be "
                "one"
            )
        if table:
            found[table] = name
    return found


def find_outside(folder: Path) -> dict[str, Path]:
    """Return the tables that lie in a folder, by `ATTRIBUTES` and `PARTITION`."""
    names = sorted(name for name in TABLES if (folder / name).is_file())
    return {table: folder / name for table, name in find_tables(names, str(folder)).items()}


def _images(names: Iterable[str], path: Path) -> dict[str, str]:
    """Return the paths in the archive of its images, by their own names."""
    members: dict[str, str] = {}
    for member in names:
        if not member.lower().endswith(IMAGE_KINDS):
            continue
        name = image_name(member)
        if name in members:
            raise InputError(
                f"{one_line(path)}: {one_line(members[name])} and {one_line(member)} have the same "
                "name"
            )
        members[name] = member
    if not members:
        raise InputError(f"{one_line(path)}: holds no image ({', '.join(IMAGE_KINDS)})")
    return members


def _read_tables(
    archive: zipfile.ZipFile, names: Iterable[str], outside: Mapping[str, Path]
) -> dict[str, tuple[bytes, str]]:
    """Return the content of each table, and where it is."""
    path = one_line(archive.filename or "")
    contents = {
        table: (read_member(archive, name), f"{path}: {one_line(name)}")
        for table, name in find_tables(names, path).items()
    }
    for table, file in outside.items():
        if table not in contents:
            contents[table] = (_read_file(file), one_line(file))
    return contents


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{one_line(path)}: cannot be read: {error.strerror}") from None
