"""Images of the user's own, packed into one archive in the layout of CelebA."""

import logging
import unicodedata
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import pandas as pd
from tqdm import tqdm

from latent.download.faces.disk import require_room
from latent.errors import InputError
from latent.io.files import whole_file
from latent.raw.celeba.layout import ATTRIBUTES, IMAGES, PARTITION
from latent.raw.celeba.tables import NAME, PARTITIONS, read_attributes, read_partition
from latent.raw.folder_or_zip import Collection, Zip, one_line, open_collection
from latent.raw.image import IMAGE_KINDS
from latent.raw.random_split import hash_to_unit

PREFIX = f"{IMAGES}/{IMAGES}/"
# What tables may be called, beside the names that CelebA has for them.
NAMES = {
    table: tuple(f"{name}{kind}" for name in (own, table) for kind in (".csv", ".txt"))
    for own, table in (("attributes", ATTRIBUTES), ("partition", PARTITION))
}
NAMED = 5  # files that a warning names

log = logging.getLogger(__name__)


def pack_folder(location: Path, test_fraction: float, seed: int, target: Path) -> None:
    """Write an archive of the images in a folder: the same bytes for the same images.

    An image is known by its path below the folder. At the folder's top there may be a table of
    attributes and one of the partition; where there is no partition, each image's name decides with
    the seed, so that another image moves none from one split to the other.

    Args:
        location: a folder or a zip, with images in it or in folders below it.
        test_fraction: share of the images that are held out.
        seed: of the split.
        target: the zip file to write, whole or not at all.

    Raises:
        InputError: there is no image, two have the same name, a table does not fit them, a file
            cannot be read, or no image falls into one of the splits.
    """
    with open_collection(location) as files:
        where = one_line(location)
        top = _top(files)
        members = _images(files, top)
        images = sorted(members)
        attributes = pd.DataFrame(index=images)
        if table := _read_table(files, top, ATTRIBUTES):
            attributes = read_attributes(*table, images)
        if table := _read_table(files, top, PARTITION):
            partition = read_partition(*table, images)
        else:
            partition = [_draw_split(image, test_fraction, seed) for image in images]
        for split in ("train", "test"):
            if split not in partition:
                raise InputError(
                    f"{where}: none of {len(images)} images falls into the {split} split; "
                    "download.faces.folder.test_fraction and .seed decide, or a partition.csv"
                )
        require_room(target.parent, sum(map(files.size, members.values())), where)
        with whole_file(target) as temporary, ZipFile(temporary, "w", ZIP_STORED) as archive:
            for image in tqdm(images, "Packing images", unit="images", disable=None):
                _add(archive, PREFIX + image, _read(files, members[image]))
            numbers = {part: number for number, part in PARTITIONS.items()}
            parts = pd.Series(partition, images, name="partition").map(numbers)
            _add(archive, f"{PARTITION}.csv", _as_csv(parts))
            if len(attributes.columns):
                _add(archive, f"{ATTRIBUTES}.csv", _as_csv(attributes * 2 - 1))


def _top(files: Collection) -> str:
    """Return the folder, with a slash, that holds all of a zip, which then counts as that folder.

    Most programs pack a folder as itself, not as what is in it.
    """
    tops = {name.partition("/")[0] if "/" in name else "" for name in files.names}
    return f"{tops.pop()}/" if isinstance(files, Zip) and len(tops) == 1 and "" not in tops else ""


def _images(files: Collection, top: str) -> dict[str, str]:
    """Return the names in `files` of the images, by their paths below `top`."""
    where = one_line(files.location)
    members: dict[str, str] = {}
    others = []
    tables = {f"{top}{name}" for names in NAMES.values() for name in names}
    for name in files.names:
        if not name.lower().endswith(IMAGE_KINDS):
            if name not in tables:
                others.append(name)
            continue
        image = unicodedata.normalize("NFC", name.removeprefix(top))
        if any("\ud800" <= letter <= "\udfff" for letter in image):
            raise InputError(f"{where}: {one_line(name)}: its name is not in UTF-8")
        if image in members:
            raise InputError(
                f"{where}: {one_line(image)} is there twice, written with different characters"
            )
        members[image] = name
    if not members:
        raise InputError(f"{where}: holds no image ({', '.join(IMAGE_KINDS)})")
    if others:
        named = ", ".join(map(one_line, others[:NAMED])) + (", …" if len(others) > NAMED else "")
        log.warning(
            "%s: what is no image by its name (%s) is left out: %s (%s in all)",
            where,
            ", ".join(IMAGE_KINDS),
            named,
            len(others),
        )
    return members


def _read_table(files: Collection, top: str, table: str) -> tuple[bytes, str] | None:
    """Return the content of a table at the top, and where it is."""
    found = [f"{top}{name}" for name in NAMES[table] if f"{top}{name}" in files.names]
    if len(found) > 1:
        where = one_line(files.location)
        raise InputError(f"{where}: holds both {found[0]} and {found[1]}; there must be one")
    return (_read(files, found[0]), f"{one_line(files.location)}: {found[0]}") if found else None


def _read(files: Collection, name: str) -> bytes:
    try:
        return files.read(name)
    except InputError as error:
        raise InputError(f"{one_line(files.location)}: {one_line(name)}: {error}") from None


def _draw_split(image: str, test_fraction: float, seed: int) -> str:
    return "test" if hash_to_unit(image, seed) < test_fraction else "train"


def _as_csv(table: "pd.DataFrame | pd.Series[str]") -> bytes:
    return table.to_csv(index_label=NAME, lineterminator="\n").encode()


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    """Add a file without what would differ from run to run: the time and the system."""
    member = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.create_system = 3  # Unix, wherever it is written
    member.external_attr = 0o644 << 16  # readable by all
    archive.writestr(member, content)
