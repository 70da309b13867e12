"""Class and split of images, derived from the folders that contain them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonpath
from pathlib import PurePosixPath
from unicodedata import normalize

from latent.errors import InputError
from latent.params import FashionFolder
from latent.raw.classes import MAX_CLASSES
from latent.raw.folder_or_zip import FileTree, describe_file, printable
from latent.raw.other_files import describe_missing_images
from latent.raw.random_split import hash_to_unit
from latent.raw.split_folders import SplitFolders, find_split_folders


@dataclass(frozen=True)
class LabelledFile:
    """An image file that has not been read yet.

    Attributes:
        path: path in the file tree.
        name: the path without the folders that contain all images.
        class_name: name of its class.
        split: "train", "test" or "validation".
        position: number in [0, 1) that sorts the images of a split so that classes are mixed.
    """

    path: str
    name: str
    class_name: str
    split: str
    position: float


def find_labelled_files(
    files: FileTree, images: Collection[str], others: Sequence[str], params: FashionFolder
) -> tuple[list[LabelledFile], set[str]]:
    """Return the image files with their classes and splits, and the classes without images.

    If there are folders named after splits, such as train/ and test/, they determine the splits
    (`latent.raw.split_folders`). Otherwise, the name of each image determines its split
    (`latent.raw.random_split`). The classes are the top-level folders, apart from folders of splits
    and folders that contain all images. The name of a class is the name of its folder in Unicode
    form NFC, as one printable line.

    Args:
        files: the file tree that contains the images.
        images: paths of the images.
        others: paths of all other files.
        params: fraction of test images, and seed of the split.

    Returns:
        The images, sorted by position; and the names of classes whose folders contain only other
        files.

    Raises:
        InputError: there are no images, an image is not in a class folder, there are more than 256
            classes, two class folders have the same name, or the folders of the splits do not
            divide the images into a training set and a test set.
    """
    location = printable(files.location)
    if not images:
        missing = describe_missing_images(others, " and no IDX files")
        raise InputError(f"{location}: contains {missing}")
    parts = {path: PurePosixPath(path).parts for path in images}
    divided = find_split_folders(parts.values(), location)
    depth = _count_common_folders(parts.values())
    shared = _find_shared_folders(parts.values(), divided)
    without_split = {path: _drop_split(names, divided, shared) for path, names in parts.items()}
    class_depth = _count_common_folders(without_split.values())
    labelled = []
    folders: dict[tuple[str, str], str] = {}
    for path, names in parts.items():
        *parents, _ = without_split[path][class_depth:]
        if not parents:
            raise InputError(
                f"{describe_file(files, path)}: not in a class folder; move it into a folder that "
                "is named after its class"
            )
        class_name = _name_class(parents[0])
        split = divided.splits[names[divided.level]] if divided else ""
        folder = folders.setdefault((split, class_name), parents[0])
        if folder != parents[0]:
            raise InputError(
                f"{location}: contains two folders of the class {class_name!r}, whose names differ "
                "only in spaces or in their Unicode form; rename one of them"
            )
        name = "/".join(names[depth:])
        position = hash_to_unit(name, params.seed)
        if not divided:
            split = "test" if position < params.test_fraction else "train"
        labelled.append(LabelledFile(path, name, class_name, split, position))
    classes = {file.class_name for file in labelled}
    if len(classes) > MAX_CLASSES:
        raise InputError(f"{location}: {len(classes)} classes; at most {MAX_CLASSES} are allowed")
    other_parts = [_drop_split(PurePosixPath(path).parts, divided, shared) for path in others]
    other_classes = {
        _name_class(names[class_depth]) for names in other_parts if len(names) > class_depth + 1
    }
    return sorted(labelled, key=lambda file: (file.position, file.name)), other_classes - classes


def _find_shared_folders(
    paths: Collection[Sequence[str]], divided: SplitFolders | None
) -> dict[str, str]:
    """Return the innermost folder of all images of a split, by the name of the split's folder."""
    if divided is None:
        return {}
    level = divided.level
    return {
        folder: commonpath(["/".join(path[:-1]) for path in paths if path[level] == folder])
        for folder in divided.splits
    }


def _drop_split(
    names: Sequence[str], divided: SplitFolders | None, shared: Mapping[str, str]
) -> Sequence[str]:
    """Return the path of a file without the folder of its split.

    Some programs nest this folder in itself. A nested folder that does not contain all images of
    the split is a class.
    """
    if divided is None or len(names) < divided.level + 2:
        return names
    start, split = divided.level, names[divided.level]
    common = commonpath(["/".join(names[:-1]), shared.get(split, "")])
    end = max(start, common.count("/")) + 1
    return [*names[:start], *(name for name in names[start:end] if name != split), *names[end:]]


def _name_class(folder: str) -> str:
    return printable(" ".join(normalize("NFC", folder).split()))


def _count_common_folders(paths: Iterable[Sequence[str]]) -> int:
    """Return the number of leading folders that contain all other folders."""
    paths = list(paths)
    depth = 0
    while len({names[depth] for names in paths}) == 1 and all(
        len(names) > depth + 2 for names in paths
    ):
        depth += 1
    return depth
