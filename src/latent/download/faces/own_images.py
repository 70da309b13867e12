"""User-supplied images, packed into one archive in the layout of CelebA."""

import logging
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import pandas as pd
from tqdm import tqdm

from latent.download.faces.disk import require_space
from latent.errors import InputError
from latent.io.dataset import SPLITS
from latent.io.files import whole_file
from latent.params import FacesFolder
from latent.raw.celeba.cells import NAME
from latent.raw.celeba.layout import (
    ATTRIBUTES,
    IMAGES,
    OWN_NAMES,
    PARTITION,
    find_tables,
    list_names,
    unread_tables,
)
from latent.raw.celeba.tables import PARTITIONS, read_attributes, read_partition
from latent.raw.folder_or_zip import (
    FileTree,
    Zip,
    describe_file,
    open_file_tree,
    printable,
    read_file,
)
from latent.raw.image import IMAGE_EXTENSIONS
from latent.raw.other_files import describe_missing_images, warn_of_ignored_files
from latent.raw.random_split import hash_to_unit
from latent.raw.split_folders import find_split_folders

PREFIX = f"{IMAGES}/{IMAGES}/"

log = logging.getLogger(__name__)


def pack_folder(location: Path, params: FacesFolder, target: Path) -> None:
    """Write an archive of the images in a folder. The same images always give the same bytes.

    The name of an image is its path relative to the folder. The folder or a subfolder may
    contain a table of attributes and a partition. Without a partition, folders that are named after
    splits determine the splits (`latent.raw.split_folders`). Without such folders, the name of each
    image and the seed determine its split, so adding images does not move others to the other
    split.

    Args:
        location: a folder or a zip with images at any depth.
        params: encoding of the names in a zip, fraction of test images, and seed of the split.
        target: zip file to write, atomically.

    Raises:
        InputError: there are no images, two images have the same name, a table does not match the
            images, a file cannot be read, folders of splits do not contain all images, or a split
            has no images.
    """
    with open_file_tree(location, params.zip_encoding) as files:
        origin = printable(location)
        top = _find_top_folder(files)
        tables = _find_tables(files, top)
        members = _find_images(files, top, tables.values())
        images = sorted(members)
        attributes = pd.DataFrame(index=images)
        if name := tables.get(ATTRIBUTES):
            attributes = read_attributes(read_file(files, name), describe_file(files, name), images)
        if name := tables.get(PARTITION):
            partition = read_partition(read_file(files, name), describe_file(files, name), images)
        else:
            partition = _choose_splits(images, params, origin)
        for split in SPLITS:
            if split not in partition:
                raise InputError(
                    f"{origin}: none of {len(images)} images is in the {split} split; add images, "
                    "change download.faces.folder.test_fraction or .seed, or supply a partition.csv"
                )
        require_space(target.parent, sum(map(files.size, members.values())), origin)
        with whole_file(target) as temporary, ZipFile(temporary, "w", ZIP_STORED) as archive:
            for image in tqdm(images, "Packing images", unit="images", disable=None):
                _add(archive, PREFIX + image, read_file(files, members[image]))
            numbers = {part: number for number, part in PARTITIONS.items()}
            parts = pd.Series(partition, images, name="partition").map(numbers)
            _add(archive, f"{PARTITION}.csv", _to_csv(parts))
            if len(attributes.columns):
                _add(archive, f"{ATTRIBUTES}.csv", _to_csv(attributes * 2 - 1))


def _find_top_folder(files: FileTree) -> str:
    """Return the folder, with a slash, that contains all files of a zip; "" if there is none.

    Most programs include the name of the packed folder in the paths of a zip.
    """
    tops = {name.partition("/")[0] if "/" in name else "" for name in files.names}
    return f"{tops.pop()}/" if isinstance(files, Zip) and len(tops) == 1 and "" not in tops else ""


def _find_tables(files: FileTree, top: str) -> dict[str, str]:
    """Return the tables, by `ATTRIBUTES` and `PARTITION`: from the folder `top` or a subfolder."""
    tables: dict[str, str] = {}
    for nested in (False, True):
        names = [name for name in files.names if ("/" in name.removeprefix(top)) == nested]
        missing = {name: table for name, table in OWN_NAMES.items() if table not in tables}
        tables |= find_tables(names, printable(files.location), missing)
    return tables


def _find_images(files: FileTree, top: str, tables: Collection[str]) -> dict[str, str]:
    """Return the paths of the images in `files`, by their paths relative to `top`.

    Warnings name the files that are neither images nor `tables`.
    """
    location = printable(files.location)
    members: dict[str, str] = {}
    others = []
    for name in files.names:
        if not name.lower().endswith(IMAGE_EXTENSIONS):
            if name not in tables:
                others.append(name)
            continue
        image = unicodedata.normalize("NFC", name.removeprefix(top))
        if any("\ud800" <= letter <= "\udfff" for letter in image):
            raise InputError(
                f"{describe_file(files, name)}: the file name is not valid UTF-8; rename the file"
            )
        if "\r" in image:  # to_csv does not quote it
            raise InputError(
                f"{describe_file(files, name)}: the file name contains a carriage return; rename "
                "the file"
            )
        if image in members:
            raise InputError(
                f"{location}: contains two files {printable(image)!r}, whose names differ only in "
                "their Unicode form; rename one of them"
            )
        members[image] = name
    if not members:
        raise InputError(f"{location}: contains {describe_missing_images(others)}")
    if unread := unread_tables(others, {}):
        log.warning(
            "%s: not read as tables: %s; attributes are read from attributes.csv and a partition "
            "from partition.csv, both also with .tsv or .txt",
            location,
            list_names(unread),
        )
    warn_of_ignored_files(files, [name for name in others if name not in unread])
    return members


def _choose_splits(images: Sequence[str], params: FacesFolder, location: str) -> list[str]:
    """Return the split of each image, from its folders or by chance."""
    paths = [image.split("/") for image in images]
    if divided := find_split_folders(paths, location):
        return [divided.splits[path[divided.level]] for path in paths]
    numbers = [hash_to_unit(image, params.seed) for image in images]
    return ["test" if number < params.test_fraction else "train" for number in numbers]


def _to_csv(table: "pd.DataFrame | pd.Series[str]") -> bytes:
    return table.to_csv(index_label=NAME, lineterminator="\n").encode()


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    """Add a file without its time and without the operating system, which vary between runs."""
    member = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.create_system = 3  # Unix
    member.external_attr = 0o644 << 16  # file permissions
    archive.writestr(member, content)
