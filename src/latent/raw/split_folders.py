"""Folders that are named after the splits of a dataset, such as train/ and test/."""

import logging
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from latent.errors import InputError
from latent.raw.folder_or_zip import printable

SPLIT_NAME = re.compile(
    r"\s*(?P<prefix>(?:.*?[ _-])?)"
    r"(?:(?P<train>train(?:ing)?)|(?P<test>test(?:ing)?|eval(?:uation)?)"
    r"|(?P<validation>val(?:id(?:ation)?)?|dev(?:elopment)?))"
    r"[ _-]?(?:(?:data)?set|data|images)?\s*",
    re.IGNORECASE,
)

ORDER = ("train", "validation", "test")  # in messages

log = logging.getLogger(__name__)


class SplitFolders(NamedTuple):
    """Folders that divide images into splits.

    Attributes:
        level: number of folders above them.
        splits: "train", "test" or "validation" by folder name.
    """

    level: int
    splits: Mapping[str, str]


def find_split_folders(paths: Collection[Sequence[str]], location: str) -> SplitFolders | None:
    """Return the folders that divide images into splits, or None if there are none.

    Two or more folders that are at the same level and have names such as train, Testing, val_set or
    my_test divide the images. A single one does not: it may be a class, or contain all images.
    Without a test set, the validation set is the test set.

    Args:
        paths: folders and file name of each image.
        location: folder or zip of the images, for messages.

    Raises:
        InputError: an image is not in such a folder, there are two folders of the same split, or
            there is no folder of training images.
    """
    for level in range(max(map(len, paths), default=1) - 1):
        folders = {path[level] for path in paths if len(path) > level + 1}
        found = _name_splits(folders)
        if len(found) < 2:
            continue
        listed = " and ".join(f"{printable(folder)}/" for folder in found)
        for path in paths:
            if len(path) < level + 2 or path[level] not in found:
                other = "/".join(path[: level + 1]) + "/" * (len(path) > level + 1)
                raise InputError(
                    f"{location}: contains {printable(other)} next to {listed}; the folders of the "
                    "splits must contain all images: move it into one of them or rename them"
                )
        splits = list(found.values())
        if "train" not in splits or len(set(splits)) < len(splits):
            raise InputError(
                f"{location}: contains {listed}; required are one folder of training images, such "
                "as train/, and one of test images, such as test/"
            )
        if "validation" in splits:
            folder = printable(list(found)[splits.index("validation")])
            if "test" in splits:
                log.info("%s: the validation images in %s/ are left out", location, folder)
            else:
                log.info("%s: the images in %s/ are the test set", location, folder)
                found = {name: split.replace("validation", "test") for name, split in found.items()}
        return SplitFolders(level, found)
    return None


def _name_splits(folders: Collection[str]) -> dict[str, str]:
    """Return the split of each folder that is named after a split, all with the same prefix."""
    matches = [match for folder in sorted(folders) if (match := SPLIT_NAME.fullmatch(folder))]
    prefixes = Counter(match["prefix"] for match in matches).most_common(1)
    named = {
        match.string: str(match.lastgroup) for match in matches if match["prefix"] == prefixes[0][0]
    }
    return dict(sorted(named.items(), key=lambda item: ORDER.index(item[1])))
