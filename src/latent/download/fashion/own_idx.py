"""Garments that are in IDX files already: the user's own, checked and packed."""

from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from latent.errors import InputError
from latent.raw.classes import FILE, Classes, parse_classes, write_classes
from latent.raw.folder_or_zip import Collection, one_line, where
from latent.raw.idx import FILES, IMAGES, LABELS, LARGEST, parse_idx, write_idx

NAMES = tuple(kind.format(prefix) for prefix in FILES.values() for kind in (IMAGES, LABELS))


def find_idx(files: Collection) -> dict[str, str]:
    """Return where the IDX files lie among `files`, by their published names without .gz.

    A collection without any of them gives an empty dictionary.

    Raises:
        InputError: some of the four are missing, or one is there twice.
    """
    found: dict[str, str] = {}
    for path in files.names:
        name = PurePosixPath(path).name.removesuffix(".gz")
        if name not in NAMES:
            continue
        if name in found:
            raise InputError(
                f"{one_line(files.location)}: holds both {one_line(found[name])} and "
                f"{one_line(path)}; one of them is allowed"
            )
        found[name] = path
    for name in NAMES:
        if found and name not in found:
            raise InputError(f"{one_line(files.location)}: holds no {name}, nor {name}.gz")
    return found


def pack_idx(files: Collection, found: dict[str, str], folder: Path) -> None:
    """Write the IDX files that `find_idx` found, gzipped under their published names.

    A classes.json beside the others names the classes; without one they are called by their
    numbers.

    Raises:
        InputError: a file is damaged, has images of another size than the others or other labels
            than it has images or classes.
    """
    shapes, highest = {}, 0
    for split, prefix in FILES.items():
        images_name, labels_name = IMAGES.format(prefix), LABELS.format(prefix)
        images = _read(files, found[images_name], 3)
        labels = _read(files, found[labels_name], 1)
        if not images.size:
            raise InputError(f"{where(files, found[images_name])}: holds no image")
        if len(labels) != len(images):
            raise InputError(
                f"{where(files, found[labels_name])}: {len(labels)} labels for {len(images)} "
                "images; there must be one for each"
            )
        shapes[split] = images.shape[1:]
        highest = max(highest, int(labels.max()))
        write_idx(folder / f"{images_name}.gz", images)
        write_idx(folder / f"{labels_name}.gz", labels)
    if shapes["train"] != shapes["test"]:
        sizes = " and ".join(f"{height}×{width}" for height, width in shapes.values())
        raise InputError(
            f"{one_line(files.location)}: images of {sizes} pixels; one size is needed"
        )
    write_classes(folder, _classes(files, found, highest + 1))


def _classes(files: Collection, found: dict[str, str], count: int) -> Classes:
    beside = str(PurePosixPath(found[NAMES[0]]).with_name(FILE))
    if beside not in files.names:
        return Classes(classes=[str(label) for label in range(count)])
    about = parse_classes(_content(files, beside), where(files, beside))
    if len(about.classes) < count:
        raise InputError(
            f"{where(files, beside)}: {len(about.classes)} names, but there is a label {count - 1}"
        )
    return Classes(classes=about.classes)


def _read(files: Collection, name: str, dimensions: int) -> NDArray[np.uint8]:
    return parse_idx(_content(files, name), dimensions, where(files, name))


def _content(files: Collection, name: str) -> bytes:
    try:
        # A gzip file of noise is a little larger than its content.
        return files.read(name, LARGEST + LARGEST // 8)
    except InputError as error:
        raise InputError(f"{where(files, name)}: {error}") from None
