"""The layout of Kaggle's CelebA archive: images, and tables joined to them by file name.

Source: Liu et al., Deep Learning Face Attributes in the Wild, ICCV 2015; layout of the Kaggle data
set jessicali9530/celeba-dataset. The archive is read where it lies, never unpacked.
"""

import zipfile
from pathlib import Path, PurePosixPath

import pandas as pd

from latent.errors import InputError

ATTRIBUTES_FILE = "list_attr_celeba.csv"
PARTITION_FILE = "list_eval_partition.csv"
PARTITIONS = {0: "train", 1: "validation", 2: "test"}


def read_layout(archive: zipfile.ZipFile) -> pd.DataFrame:
    """Return what the archive says of its images, a row per image in order of their names.

    Returns:
        Columns `image_id` (file name), `member` (path in the archive), `partition` ("train",
        "validation" or "test"), then the attributes as booleans, in the file's order.

    Raises:
        InputError: a table is missing or damaged, names an image that the archive lacks, or lacks
            one that it holds; an attribute is neither −1 nor 1; a partition is not 0, 1 or 2.
    """
    members = {
        PurePosixPath(name).name: name
        for name in archive.namelist()
        if name.lower().endswith(".jpg")
    }
    if not members:
        raise InputError(f"{archive.filename}: holds no .jpg file")
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
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: is no readable zip file: {error}") from None


def _read_table(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    member = next((m for m in archive.namelist() if PurePosixPath(m).name == name), None)
    if member is None:
        raise InputError(f"{archive.filename}: holds no {name}")
    try:
        with archive.open(member) as file:
            table = pd.read_csv(file, encoding="utf-8-sig")
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(f"{archive.filename}: {member}: cannot be read: {error}") from None
    if "image_id" not in table or table["image_id"].duplicated().any():
        raise InputError(
            f"{archive.filename}: {member}: needs a column image_id that names each image once"
        )
    return table.set_index("image_id")


def _check_same_images(
    archive: zipfile.ZipFile, name: str, table: pd.DataFrame, members: dict[str, str]
) -> None:
    difference = sorted(set(members) ^ set(table.index))
    if difference:
        raise InputError(
            f"{archive.filename}: {name} has {len(table)} rows for {len(members)} images; "
            f"{difference[0]} is in one of the two only"
        )
