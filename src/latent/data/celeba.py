"""The layout of Kaggle's CelebA archive: images, and tables joined to them by file name.

Source: Liu et al., Deep Learning Face Attributes in the Wild, ICCV 2015; layout of the Kaggle data
set jessicali9530/celeba-dataset. The archive is read where it lies, never unpacked.
"""

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath

import pandas as pd

from latent.errors import InputError

ATTRIBUTES_FILE = "list_attr_celeba.csv"
PARTITION_FILE = "list_eval_partition.csv"
PARTITIONS = {0: "train", 1: "validation", 2: "test"}

# What zipfile raises for an archive that is damaged, encrypted or packed in a way unknown to it.
UNREADABLE = (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)


def read_layout(archive: zipfile.ZipFile) -> pd.DataFrame:
    """Return what the archive says of its images, a row per image in order of their names.

    Returns:
        Columns `image_id` (file name), `member` (path in the archive), `partition` ("train",
        "validation" or "test"), then the attributes as booleans, in the file's order.

    Raises:
        InputError: there is no image, or two have the same name; a table is missing or damaged,
            names an image that the archive lacks, or lacks one that it holds; an attribute is
            neither −1 nor 1; a partition is not 0, 1 or 2.
    """
    members = _images(archive)
    partition = _read_table(archive, PARTITION_FILE)
    attributes = _read_table(archive, ATTRIBUTES_FILE)
    for name, table in ((PARTITION_FILE, partition), (ATTRIBUTES_FILE, attributes)):
        _check_same_images(archive, name, table, members)
    if partition.shape[1] != 1 or not partition.iloc[:, 0].isin(list(PARTITIONS)).all():
        raise InputError(
            f"{archive.filename}: {PARTITION_FILE} must have one column beside image_id, of "
            "0 (train), 1 (validation) and 2 (test)"
        )
    wrong = ~attributes.isin([-1, 1]).all()
    if wrong.any():
        raise InputError(
            f"{archive.filename}: {ATTRIBUTES_FILE}: column {wrong.idxmax()} has values other than "
            "-1 and 1"
        )
    names = pd.Index(sorted(members), name="image_id")
    layout = (attributes.loc[names] == 1).reset_index()
    layout.insert(1, "member", [members[name] for name in names])
    layout.insert(2, "partition", partition.iloc[:, 0].loc[names].map(PARTITIONS).to_numpy())
    return layout


def open_archive(path: Path) -> zipfile.ZipFile:
    """Return the zip file at `path`, open for reading.

    Raises:
        InputError: there is none, or it is damaged.
    """
    try:
        return zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise InputError(f"{path}: is no readable zip file: {error}") from None


def read_member(archive: zipfile.ZipFile, member: str) -> bytes:
    """Return the content of one file in the archive.

    Raises:
        InputError: it is damaged, or cannot be unpacked.
    """
    try:
        return archive.read(member)
    except UNREADABLE as error:
        raise InputError(f"{archive.filename}: {member}: cannot be read: {error}") from None


def _images(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the paths in the archive of its images, by file name."""
    members: dict[str, str] = {}
    for member in archive.namelist():
        name = PurePosixPath(member).name
        # macOS packs a companion beside each file: __MACOSX/._000001.jpg.
        if not name.lower().endswith(".jpg") or name.startswith("._"):
            continue
        if name in members:
            raise InputError(f"{archive.filename}: {members[name]} and {member} have the same name")
        members[name] = member
    if not members:
        raise InputError(f"{archive.filename}: holds no .jpg file")
    return members


def _read_table(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    member = next((m for m in archive.namelist() if PurePosixPath(m).name == name), None)
    if member is None:
        raise InputError(f"{archive.filename}: holds no {name}")
    try:
        table = pd.read_csv(io.BytesIO(read_member(archive, member)), encoding="utf-8-sig")
    except ValueError as error:
        what = " ".join(str(error).split())
        raise InputError(f"{archive.filename}: {member}: is no CSV table: {what}") from None
    if "image_id" not in table or table["image_id"].duplicated().any():
        raise InputError(
            f"{archive.filename}: {member}: needs a column image_id that names each image once"
        )
    return table.set_index("image_id")


def _check_same_images(
    archive: zipfile.ZipFile, name: str, table: pd.DataFrame, members: dict[str, str]
) -> None:
    # By their texts, since a row without a name has NaN in its place.
    difference = sorted(set(members) ^ set(table.index), key=str)
    if difference:
        raise InputError(
            f"{archive.filename}: {name} has {len(table)} rows for {len(members)} images; "
            f"{difference[0]} is in one of the two only"
        )
