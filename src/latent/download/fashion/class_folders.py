"""Class and split of images, derived from the folders that contain them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from unicodedata import normalize

from latent.errors import InputError
from latent.io.dataset import SPLITS
from latent.params import FashionFolder
from latent.raw.classes import MAX_CLASSES
from latent.raw.folder_or_zip import FileTree, describe_file, printable
from latent.raw.random_split import hash_to_unit


@dataclass(frozen=True)
class LabelledFile:
    """An image file that has not been read yet.

    Attributes:
        path: path in the file tree.
        name: the path without the folders that contain all images.
        class_name: name of its class.
        split: "train" or "test".
        position: number in [0, 1) that sorts the images of a split so that classes are mixed.
    """

    path: str
    name: str
    class_name: str
    split: str
    position: float


def find_labelled_files(
    files: FileTree, images: Iterable[str], params: FashionFolder
) -> list[LabelledFile]:
    """Return the image files with their classes and splits, sorted by position.

    Folders that contain all images are ignored. If the remaining top-level folders are train/ and
    test/, they are the splits, and the folders in them are the classes. Otherwise the top-level
    folders are the classes, and the name of each image determines its split
    (`latent.raw.random_split`). The name of a class is the name of its folder in Unicode form NFC,
    as one printable line.

    Args:
        files: the file tree that contains the images.
        images: paths of the images.
        params: fraction of test images, and seed of the split.

    Raises:
        InputError: there are no images, an image is not in a class folder, there are more than 256
            classes, two class folders have the same name, or there are folders next to train/ and
            test/.
    """
    location = printable(files.location)
    parts = {path: PurePosixPath(path).parts for path in images}
    if not parts:
        raise InputError(f"{location}: contains no images and no IDX files")
    depth = _count_common_folders(parts.values())
    tops = {names[depth] for names in parts.values() if len(names) > depth + 1}
    splits = {top for top in tops if top.lower() in SPLITS}
    has_splits = {top.lower() for top in splits} == set(SPLITS)
    if has_splits and tops != splits:
        raise InputError(
            f"{location}: contains {printable(min(tops - splits))}/ next to train/ and test/; "
            "allowed are only train/ and test/, or one folder per class"
        )
    labelled = []
    folders: dict[tuple[str, str], str] = {}
    for path, names in parts.items():
        *parents, _ = names[depth:]
        split = parents.pop(0).lower() if has_splits and parents else ""
        if not parents:
            raise InputError(
                f"{describe_file(files, path)}: not in a class folder; move it into a folder that "
                "is named after its class"
            )
        class_name = printable(" ".join(normalize("NFC", parents[0]).split()))
        folder = folders.setdefault((split, class_name), parents[0])
        if folder != parents[0]:
            raise InputError(
                f"{location}: contains two folders of the class {class_name!r}, whose names differ "
                "only in spaces or in their Unicode form; rename one of them"
            )
        name = "/".join(names[depth:])
        position = hash_to_unit(name, params.seed)
        if not has_splits:
            split = "test" if position < params.test_fraction else "train"
        labelled.append(LabelledFile(path, name, class_name, split, position))
    count = len({file.class_name for file in labelled})
    if count > MAX_CLASSES:
        raise InputError(f"{location}: {count} classes; at most {MAX_CLASSES} are allowed")
    return sorted(labelled, key=lambda file: (file.position, file.name))


def _count_common_folders(paths: Iterable[tuple[str, ...]]) -> int:
    """Return the number of leading folders that contain all other folders."""
    paths = list(paths)
    depth = 0
    while len({names[depth] for names in paths}) == 1 and all(
        len(names) > depth + 2 for names in paths
    ):
        depth += 1
    return depth
