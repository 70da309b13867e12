"""User-supplied images: a folder or zip with one folder of images per class, or IDX files."""

import logging
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from latent.download.fashion.class_folders import LabelledFile, find_labelled_files
from latent.download.fashion.own_idx import find_idx, pack_idx
from latent.errors import InputError
from latent.io.dataset import SPLITS
from latent.io.files import resolve_location
from latent.params import FashionFolder
from latent.raw.classes import Classes, Skipped, write_classes
from latent.raw.folder_or_zip import FileTree, open_file_tree, printable
from latent.raw.grey import read_grey
from latent.raw.idx import MAX_BYTES, write_split
from latent.raw.image import IMAGE_EXTENSIONS
from latent.raw.other_files import warn_of_ignored_files

MAX_NAMED = 1000  # maximum number of skipped images that classes.json names
MAX_LOGGED = 3  # maximum number of skipped images that a message names
CHUNK = 1024  # number of images that are read at a time

log = logging.getLogger(__name__)


def pack_own_images(
    params: FashionFolder, root: Path, folder: Path, size_problem: str | None = None
) -> None:
    """Write the user's images into `folder` as IDX files, with classes.json.

    For image files, classes.json also contains the names of the images, the numbers of other files
    and of validation images, and the skipped images with the reasons.

    Args:
        params: location of the images, their size, and parameters of the split.
        root: folder that a relative location is relative to.
        folder: existing folder to write into.
        size_problem: why images of the size `params.size` cannot be used, or None. IDX files have
            their own size.

    Raises:
        InputError: the location or the size cannot be used, too many images cannot be read, or a
            split has no images.
    """
    with open_file_tree(resolve_location(params.location, root), params.zip_encoding) as files:
        images = [name for name in files.names if name.lower().endswith(IMAGE_EXTENSIONS)]
        idx = find_idx(files)
        if idx and images:
            raise InputError(
                f"{printable(files.location)}: contains both IDX files "
                f"({printable(min(idx.values()))}) and images ({printable(images[0])}); only one "
                "of the two is allowed"
            )
        if idx:
            pack_idx(files, idx, folder)
        elif size_problem:
            raise InputError(size_problem)
        else:
            _pack_images(files, images, params, folder)


def _pack_images(files: FileTree, paths: list[str], params: FashionFolder, folder: Path) -> None:
    others = sorted(set(files.names) - set(paths))
    found, empty = find_labelled_files(files, paths, others, params)
    warn_of_ignored_files(files, others)
    labelled = [file for file in found if file.split in SPLITS]
    if len(labelled) * params.size**2 > MAX_BYTES:
        raise InputError(
            f"{printable(files.location)}: {len(labelled):,} images of {params.size}×{params.size} "
            f"pixels; at most {MAX_BYTES:,} pixels in total are allowed"
        )
    classes = sorted({file.class_name for file in labelled})
    skipped: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    empty |= {file.class_name for file in found}
    for split in SPLITS:
        of_split = [file for file in labelled if file.split == split]
        images, read = _read_images(files, of_split, params.size, skipped, f"Reading {split}")
        labels = [classes.index(file.class_name) for file in read]
        names[split] = [file.name for file in read]
        empty -= {file.class_name for file in read}
        write_split(folder, split, images, np.array(labels, np.uint8))
    _report_skipped(files, names, skipped, params)
    _report_classes(files, classes, empty)
    left_out = {"other_files": len(others)}
    if len(found) > len(labelled):
        left_out["validation"] = len(found) - len(labelled)
    content = Classes(
        classes=classes,
        images=names,
        left_out=left_out,
        skipped=Skipped(count=len(skipped), images=dict(sorted(skipped.items())[:MAX_NAMED])),
    )
    write_classes(folder, content)


def _read_images(
    files: FileTree, labelled: list[LabelledFile], size: int, skipped: dict[str, str], title: str
) -> tuple[NDArray[np.uint8], list[LabelledFile]]:
    """Return the readable images, uint8 (N, size, size), and their files; update `skipped`."""

    def read(file: LabelledFile) -> NDArray[np.uint8] | str:
        if printable(file.name) != file.name:
            return "the file name contains unprintable characters or is not valid UTF-8"
        try:
            return read_grey(files.read(file.path), size)
        except InputError as error:
            return str(error)

    images = np.empty((len(labelled), size, size), np.uint8)
    kept: list[LabelledFile] = []
    with (
        warnings.catch_warnings(action="ignore"),  # from Pillow, about images that it can read
        ThreadPoolExecutor() as pool,
        tqdm(desc=title, total=len(labelled), unit="images", disable=None) as bar,
    ):
        # Ctrl-C waits only for the current chunk, not for all images.
        for start in range(0, len(labelled), CHUNK):
            chunk = labelled[start : start + CHUNK]
            for file, image in zip(chunk, pool.map(read, chunk), strict=True):
                if isinstance(image, str):
                    skipped[printable(file.name)] = image
                else:
                    images[len(kept)] = image
                    kept.append(file)
                bar.update()
    return images[: len(kept)], kept


def _report_skipped(
    files: FileTree, names: dict[str, list[str]], skipped: dict[str, str], params: FashionFolder
) -> None:
    """Log a warning about skipped images; raise InputError if too many, or if a split is empty."""
    location = printable(files.location)
    total = len(skipped) + sum(map(len, names.values()))
    shown = [f"{name}: {reason}" for name, reason in sorted(skipped.items())[:MAX_LOGGED]]
    reasons = "; ".join([*shown, *(["…"] if len(skipped) > MAX_LOGGED else [])])
    problem = f"{location}: {len(skipped):,} of {total:,} images cannot be used"
    if len(skipped) > params.max_bad_fraction * total:
        raise InputError(
            f"{problem}, more than download.fashion.folder.max_bad_fraction "
            f"({params.max_bad_fraction:g}) allows: {reasons}"
        )
    for split, of_split in names.items():
        if not of_split:
            raise InputError(
                f"{location}: none of {total} images is in the {split} split; add images, or "
                "change download.fashion.folder.test_fraction or .seed"
            )
    if skipped:
        log.warning("%s and are skipped: %s", problem, reasons)


def _report_classes(files: FileTree, classes: list[str], empty: set[str]) -> None:
    """Log a warning about folders of classes without usable images, and about a single class."""
    location = printable(files.location)
    if empty:
        shown = ", ".join(
            [*sorted(empty)[:MAX_LOGGED], *(["…"] if len(empty) > MAX_LOGGED else [])]
        )
        log.warning("%s: no images of these classes can be used: %s", location, shown)
    if len(classes) == 1:
        log.warning(
            "%s: all images are of the class %r; the images of each class need their own folder",
            location,
            classes[0],
        )
