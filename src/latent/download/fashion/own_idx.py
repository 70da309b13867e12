"""User-supplied IDX files: validated and gzipped."""

from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import SPLITS
from latent.raw.classes import CLASSES_FILE, Classes, parse_classes, write_classes
from latent.raw.folder_or_zip import FileTree, describe_file, printable, read_file
from latent.raw.idx import MAX_BYTES, images_file, labels_file, parse_idx, write_split

NAMES = tuple(name(split) for split in SPLITS for name in (images_file, labels_file))
# Incompressible content makes a gzip file slightly larger than its content.
MAX_FILE_BYTES = MAX_BYTES + MAX_BYTES // 8


def find_idx(files: FileTree) -> dict[str, str]:
    """Return the paths of the IDX files, gzipped or not, by their published names.

    The result is empty if there are no IDX files.

    Raises:
        InputError: some of the four files are missing, or there are two of the same.
    """
    found: dict[str, str] = {}
    for path in files.names:
        name = f"{PurePosixPath(path).name.removesuffix('.gz')}.gz"
        if name not in NAMES:
            continue
        if name in found:
            raise InputError(
                f"{printable(files.location)}: contains both {printable(found[name])} and "
                f"{printable(path)}; only one is allowed"
            )
        found[name] = path
    for name in NAMES:
        if found and name not in found:
            raise InputError(
                f"{printable(files.location)}: contains no {name.removesuffix('.gz')} or {name}"
            )
    return found


def pack_idx(files: FileTree, found: dict[str, str], folder: Path) -> None:
    """Write IDX files and classes.json into `folder`, gzipped under their published names.

    A classes.json, in the folder of the user's training images or in another folder, names the
    classes. Without it, the classes are named by their numbers.

    Args:
        files: the file tree that contains the IDX files.
        found: their paths, from `find_idx`.
        folder: existing folder to write into.

    Raises:
        InputError: a file is damaged, the images of the splits differ in size, or the numbers of
            images, labels and classes do not match.
    """
    shapes, highest = {}, 0
    for split in SPLITS:
        images_path, labels_path = found[images_file(split)], found[labels_file(split)]
        images = _read_idx(files, images_path, 3)
        labels = _read_idx(files, labels_path, 1)
        if not images.size:
            raise InputError(f"{describe_file(files, images_path)}: contains no images")
        if len(labels) != len(images):
            raise InputError(
                f"{describe_file(files, labels_path)}: {len(labels)} labels for {len(images)} "
                "images; there must be one label per image"
            )
        shapes[split] = images.shape[1:]
        highest = max(highest, int(labels.max()))
        write_split(folder, split, images, labels)
    if shapes["train"] != shapes["test"]:
        sizes = " and ".join(f"{height}×{width}" for height, width in shapes.values())
        raise InputError(
            f"{printable(files.location)}: images of {sizes} pixels; all must have the same size"
        )
    write_classes(folder, _name_classes(files, found, highest + 1))


def _name_classes(files: FileTree, found: dict[str, str], count: int) -> Classes:
    paths = [name for name in files.names if PurePosixPath(name).name.lower() == CLASSES_FILE]
    folder = PurePosixPath(found[NAMES[0]]).parent
    paths = [path for path in paths if PurePosixPath(path).parent == folder] or paths
    if not paths:
        return Classes(classes=[str(label) for label in range(count)])
    path, *others = paths
    if others:
        raise InputError(
            f"{printable(files.location)}: contains both {printable(path)} and "
            f"{printable(others[0])}; only one is allowed"
        )
    content = read_file(files, path, MAX_FILE_BYTES)
    classes = parse_classes(content, describe_file(files, path)).classes
    if len(classes) < count:
        raise InputError(
            f"{describe_file(files, path)}: {len(classes)} names, but the highest label is "
            f"{count - 1}; there must be one name per class"
        )
    return Classes(classes=classes)


def _read_idx(files: FileTree, path: str, dimensions: int) -> NDArray[np.uint8]:
    content = read_file(files, path, MAX_FILE_BYTES)
    return parse_idx(content, dimensions, describe_file(files, path))
