"""User-supplied images, packed into one archive in the layout of CelebA."""

import logging
import unicodedata
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import pandas as pd
from tqdm import tqdm

from latent.download.faces.disk import require_space
from latent.errors import InputError
from latent.io.dataset import SPLITS
from latent.io.files import whole_file
from latent.raw.celeba.layout import ATTRIBUTES, IMAGES, PARTITION
from latent.raw.celeba.tables import NAME, PARTITIONS, read_attributes, read_partition
from latent.raw.folder_or_zip import (
    FileTree,
    Zip,
    describe_file,
    open_file_tree,
    printable,
    read_file,
)
from latent.raw.image import IMAGE_EXTENSIONS
from latent.raw.random_split import hash_to_unit

PREFIX = f"{IMAGES}/{IMAGES}/"
# Allowed file names of the tables, including those of CelebA.
TABLE_NAMES = {
    table: tuple(f"{name}{kind}" for name in (short, table) for kind in (".csv", ".txt"))
    for short, table in (("attributes", ATTRIBUTES), ("partition", PARTITION))
}
MAX_LOGGED = 5  # maximum number of files that a warning names

log = logging.getLogger(__name__)


def pack_folder(location: Path, test_fraction: float, seed: int, target: Path) -> None:
    """Write an archive of the images in a folder. The same images always give the same bytes.

    The name of an image is its path relative to the folder. The top level of the folder may contain
    a table of attributes and a partition. Without a partition, the name of each image and the seed
    determine its split, so adding images does not move others to the other split.

    Args:
        location: a folder or a zip with images at any depth.
        test_fraction: fraction of test images.
        seed: seed of the split.
        target: zip file to write, atomically.

    Raises:
        InputError: there are no images, two images have the same name, a table does not match the
            images, a file cannot be read, or a split has no images.
    """
    with open_file_tree(location) as files:
        origin = printable(location)
        top = _find_top_folder(files)
        members = _find_images(files, top)
        images = sorted(members)
        attributes = pd.DataFrame(index=images)
        if table := _read_table(files, top, ATTRIBUTES):
            attributes = read_attributes(*table, images)
        if table := _read_table(files, top, PARTITION):
            partition = read_partition(*table, images)
        else:
            partition = [_choose_split(image, test_fraction, seed) for image in images]
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


def _find_images(files: FileTree, top: str) -> dict[str, str]:
    """Return the names of the images in `files`, by their paths relative to `top`."""
    location = printable(files.location)
    members: dict[str, str] = {}
    others = []
    tables = {f"{top}{name}" for names in TABLE_NAMES.values() for name in names}
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
        if image in members:
            raise InputError(
                f"{location}: contains two files {printable(image)!r}, whose names differ only in "
                "their Unicode form; rename one of them"
            )
        members[image] = name
    if not members:
        raise InputError(f"{location}: contains no images ({', '.join(IMAGE_EXTENSIONS)})")
    if others:
        named = ", ".join(map(printable, others[:MAX_LOGGED]))
        log.warning(
            "%s: ignored %s files without the extension of an image (%s): %s",
            location,
            len(others),
            ", ".join(IMAGE_EXTENSIONS),
            named + (", …" if len(others) > MAX_LOGGED else ""),
        )
    return members


def _read_table(files: FileTree, top: str, table: str) -> tuple[bytes, str] | None:
    """Return the content and the path of a table in the folder `top`, or None."""
    found = [f"{top}{name}" for name in TABLE_NAMES[table] if f"{top}{name}" in files.names]
    if len(found) > 1:
        raise InputError(
            f"{printable(files.location)}: contains both {found[0]} and {found[1]}; only one is "
            "allowed"
        )
    return (read_file(files, found[0]), describe_file(files, found[0])) if found else None


def _choose_split(image: str, test_fraction: float, seed: int) -> str:
    return "test" if hash_to_unit(image, seed) < test_fraction else "train"


def _to_csv(table: "pd.DataFrame | pd.Series[str]") -> bytes:
    return table.to_csv(index_label=NAME, lineterminator="\n").encode()


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    """Add a file without its time and without the operating system, which vary between runs."""
    member = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.create_system = 3  # Unix
    member.external_attr = 0o644 << 16  # file permissions
    archive.writestr(member, content)
