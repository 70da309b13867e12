"""What the folders say that images lie in: their class, and maybe their split."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from unicodedata import normalize

from latent.errors import InputError
from latent.params import FashionFolder
from latent.raw.classes import MOST
from latent.raw.folder_or_zip import Collection, one_line, where
from latent.raw.random_split import hash_to_unit

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Garment:
    """An image, before it is read.

    Attributes:
        path: in its collection.
        name: the path without the folders that lie around everything.
        of_class: the name of its class.
        split: "train" or "test".
        place: in [0, 1); in this order the first images of a split are of all classes.
    """

    path: str
    name: str
    of_class: str
    split: str
    place: float


def find_garments(files: Collection, images: Iterable[str], params: FashionFolder) -> list[Garment]:
    """Return the images in the order of their places.

    A folder around everything does not count. Where train/ and test/ then lie side by side, they
    are the splits and the folders in them the classes; otherwise the folders are the classes, and
    each image's own name decides its split (`latent.raw.random_split`). The name of a class is that
    of its folder, in one line and in Unicode's normal form C.

    Args:
        files: that the images are among.
        images: their paths.
        params: the share of held-out images, and the seed.

    Raises:
        InputError: there is no image, one lies in no class, there are more than 256 classes, two of
            them have one name, or there are other folders beside train/ and test/.
    """
    parts = {path: PurePosixPath(path).parts for path in images}
    if not parts:
        raise InputError(f"{one_line(files.location)}: holds no image and no IDX file")
    around = _around(parts.values())
    tops = {names[around] for names in parts.values() if len(names) > around + 1}
    splits = {top for top in tops if top.lower() in SPLITS}
    given = {top.lower() for top in splits} == set(SPLITS)
    if given and tops != splits:
        raise InputError(
            f"{one_line(files.location)}: holds train/ and test/ and beside them "
            f"{one_line(min(tops - splits))}/; either those two or a folder per class are allowed"
        )
    garments = []
    folders: dict[tuple[str, str], str] = {}
    for path, names in parts.items():
        *above, _ = names[around:]
        split = above.pop(0).lower() if given and above else ""
        if not above:
            raise InputError(f"{where(files, path)}: lies in no folder that names its class")
        of_class = one_line(" ".join(normalize("NFC", above[0]).split()))
        folder = folders.setdefault((split, of_class), above[0])
        if folder != above[0]:
            raise InputError(
                f"{one_line(files.location)}: two folders give the class {of_class}, which differ "
                "only in spaces or in how Unicode writes a letter"
            )
        name = "/".join(names[around:])
        place = hash_to_unit(name, params.seed)
        if not given:
            split = "test" if place < params.test_fraction else "train"
        garments.append(Garment(path, name, of_class, split, place))
    count = len({garment.of_class for garment in garments})
    if count > MOST:
        raise InputError(f"{one_line(files.location)}: {count} classes, at most {MOST} are allowed")
    return sorted(garments, key=lambda garment: (garment.place, garment.name))


def _around(paths: Iterable[tuple[str, ...]]) -> int:
    """Return how many folders lie around all the others."""
    paths = list(paths)
    around = 0
    while len({names[around] for names in paths}) == 1 and all(
        len(names) > around + 2 for names in paths
    ):
        around += 1
    return around
