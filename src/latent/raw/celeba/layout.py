"""Face images in one archive, joined by file name to the tables that describe them.

Source: Liu et al., Deep Learning Face Attributes in the Wild, ICCV 2015; layout of the Kaggle
dataset jessicali9530/celeba-dataset and of the release by the authors of CelebA. The archive is
never extracted to disk.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from posixpath import basename

import pandas as pd

from latent.errors import InputError, describe
from latent.raw.celeba.tables import read_attributes, read_partition
from latent.raw.celeba.wrong_file import describe_wrong_file
from latent.raw.folder_or_zip import MAX_BYTES, ZIP_ERRORS, Zip, open_zip, printable
from latent.raw.image import IMAGE_EXTENSIONS

ARCHIVE = "celeba.zip"
MAX_NAMED = 5  # maximum number of files that a warning names
IMAGES = "img_align_celeba"
ATTRIBUTES = "list_attr_celeba"
PARTITION = "list_eval_partition"
# Names of the tables in CelebA, and the additional names that user-supplied images can have.
CELEBA_NAMES = {ATTRIBUTES: ATTRIBUTES, PARTITION: PARTITION}
OWN_NAMES = CELEBA_NAMES | {"attributes": ATTRIBUTES, "partition": PARTITION}
# Windows hides extensions, so a table may have two.
TABLE = re.compile(r"(\w+?)(\.(csv|tsv|txt))+")
TABLE_LIKE = re.compile(r".*\.(csv|tsv|xlsx?|ods|numbers)|.*(attr|label|partition|split).*")


def read_layout(
    archive: zipfile.ZipFile, external_tables: Mapping[str, Path] | None = None
) -> pd.DataFrame:
    """Return the description of an archive's images, one row per image, sorted by name.

    Args:
        archive: zip file open for reading.
        external_tables: files to use for tables that the archive does not contain, by `ATTRIBUTES`
            and `PARTITION`; None for the tables in the folder of the archive.

    Returns:
        Columns `image_id` (path below the folder `IMAGES`, or the file name), `member` (path in the
        archive) and `partition` ("train", "validation" or "test"), then one boolean column per
        attribute in the order of the table. Without a table of attributes, there are no such
        columns.

    Raises:
        InputError: the archive contains no images, two images have the same name, the partition is
            missing, or a table is damaged, describes an image that is not in the archive, does not
            describe each image once or contains a value that is not allowed.
    """
    path = Path(archive.filename or "")
    names = Zip(path, archive).names
    members = _find_images(names, path)
    images = sorted(members)
    if external_tables is None:
        external_tables = find_folder_tables(path.parent)
    tables = _read_tables(archive, names, external_tables)
    if PARTITION not in tables:
        others = unread_tables(names)
        found = f"; not read as a table: {list_names(others)}" if others else ""
        raise InputError(f"{printable(path)}: contains no {PARTITION}.csv{found}")
    partition = read_partition(*tables[PARTITION], images)
    layout = pd.DataFrame(index=images)
    if ATTRIBUTES in tables:
        layout = read_attributes(*tables[ATTRIBUTES], images)
    layout = layout.rename_axis("image_id").reset_index()
    layout.insert(1, "member", [members[image] for image in images])
    layout.insert(2, "partition", partition)
    return layout


def open_archive(path: Path) -> zipfile.ZipFile:
    """Return the zip file at `path`, open for reading.

    Raises:
        InputError: the file is missing, damaged or not a zip file.
    """
    # Reading a named pipe may block forever.
    if path.exists() and not path.is_file():
        raise InputError(f"{printable(path)}: not a readable zip file: not a regular file")
    try:
        return open_zip(path)
    except ZIP_ERRORS as error:
        raise InputError(
            f"{printable(path)}: not a readable zip file: {describe(error)}"
            f"{describe_wrong_file(path)}"
        ) from None


def read_member(archive: zipfile.ZipFile, member: str) -> bytes:
    """Return the content of one file in the archive.

    Raises:
        InputError: the file is damaged or too large, or cannot be decompressed.
    """
    origin = f"{printable(archive.filename or '')}: {printable(member)}"
    try:
        # zipfile never decompresses more than the size in the zip's directory.
        if archive.getinfo(member).file_size > MAX_BYTES:
            raise InputError(f"{origin}: larger than {MAX_BYTES:,} bytes")
        return archive.read(member)
    except ZIP_ERRORS as error:
        raise InputError(f"{origin}: cannot be read: {describe(error)}") from None


def image_name(member: str) -> str:
    """Return the name of an image in tables and results, from its path in the archive.

    The name is the path below `IMAGES`, a folder that Kaggle's archive nests in a folder of the
    same name. For an image that is not below `IMAGES`, it is the file name. The name is normalised
    to Unicode form NFC.
    """
    parts = unicodedata.normalize("NFC", member).split("/")
    if IMAGES not in parts[:-1]:
        return parts[-1]
    start = parts.index(IMAGES) + 1
    if parts[start] == IMAGES and start < len(parts) - 1:
        start += 1
    return "/".join(parts[start:])


def find_tables(
    names: Iterable[str], origin: str, allowed: Mapping[str, str] = CELEBA_NAMES
) -> dict[str, str]:
    """Return the names of the tables among some files, by `ATTRIBUTES` and `PARTITION`.

    Args:
        names: paths of the files.
        origin: folder or archive of the files, for error messages.
        allowed: the table by file name without extension. The case of the letters is ignored.

    Raises:
        InputError: there are two files of the same table.
    """
    found: dict[str, str] = {}
    for name in names:
        table = _table_of(name, allowed)
        if table in found:
            raise InputError(
                f"{origin}: contains both {printable(found[table])} and {printable(name)}; only "
                "one is allowed"
            )
        if table:
            found[table] = name
    return found


def find_folder_tables(folder: Path) -> dict[str, Path]:
    """Return the paths of the tables in a folder, by `ATTRIBUTES` and `PARTITION`.

    Raises:
        InputError: there are two files of the same table.
    """
    names = sorted(
        path.name
        for path in folder.glob("*")
        if _table_of(path.name, CELEBA_NAMES) and path.is_file()
    )
    tables = find_tables(names, printable(folder))
    return {table: folder / name for table, name in tables.items()}


def unread_tables(names: Iterable[str], allowed: Mapping[str, str] = CELEBA_NAMES) -> list[str]:
    """Return the names of files that look like tables of attributes or partitions, but are unread.

    Args:
        names: paths of the files.
        allowed: names of the tables that are read, as in `find_tables`.
    """
    return [
        name
        for name in names
        if TABLE_LIKE.fullmatch(basename(name).lower())
        and not name.lower().endswith((*IMAGE_EXTENSIONS, ".zip"))
        and not _table_of(name, allowed)
    ]


def list_names(names: Sequence[str]) -> str:
    """Return the first names of a list, for messages."""
    return ", ".join(map(printable, names[:MAX_NAMED])) + ", …" * (len(names) > MAX_NAMED)


def _table_of(name: str, allowed: Mapping[str, str]) -> str:
    """Return `ATTRIBUTES` or `PARTITION` for the path of such a table, "" for another file."""
    match = TABLE.fullmatch(basename(name).lower())
    return allowed.get(match[1], "") if match else ""


def _find_images(names: Iterable[str], path: Path) -> dict[str, str]:
    """Return the paths of the images in the archive, by image name."""
    members: dict[str, str] = {}
    for member in names:
        if not member.lower().endswith(IMAGE_EXTENSIONS):
            continue
        name = image_name(member)
        if name in members:
            raise InputError(
                f"{printable(path)}: {printable(members[name])} and {printable(member)} have the "
                "same name; names must be unique"
            )
        members[name] = member
    if not members:
        raise InputError(f"{printable(path)}: contains no images ({', '.join(IMAGE_EXTENSIONS)})")
    return members


def _read_tables(
    archive: zipfile.ZipFile, names: Iterable[str], external_tables: Mapping[str, Path]
) -> dict[str, tuple[bytes, str]]:
    """Return the content and the path of each table, by `ATTRIBUTES` and `PARTITION`."""
    path = printable(archive.filename or "")
    tables = {
        table: (read_member(archive, name), f"{path}: {printable(name)}")
        for table, name in find_tables(names, path).items()
    }
    for table, file in external_tables.items():
        if table not in tables:
            tables[table] = (_read_file(file), printable(file))
    return tables


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{printable(path)}: cannot be read: {describe(error)}") from None
