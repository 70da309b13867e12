"""Matching of the rows of a table to images."""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from posixpath import normpath, splitext

from latent.errors import InputError
from latent.raw.celeba.cells import NAME, Cells
from latent.raw.folder_or_zip import printable


def match_images(cells: Cells, images: Sequence[str]) -> list[str]:
    """Return the image of each row.

    A row names an image by its path or by the end of its path, such as the file name. Differences
    in case, `./`, backslashes and a missing extension are allowed. The first of these rules that
    fits an image decides, and the row must then fit only this image:

    1. the name is equal to the path, or to the end of it;
    2. the same, except for the case of the letters;
    3. the same, without the extension of the image.

    Args:
        cells: a table with the column `NAME`.
        images: paths of the images.

    Raises:
        InputError: a row fits no image or more than one, two rows fit the same image, or an image
            has no row.
    """
    names, paths = list(cells.rows[NAME]), set(images)
    if len(names) == len(paths) and paths == set(names):
        return names  # fast path for the usual case
    find = _make_finder(images)
    matched: dict[str, None] = {}  # an ordered set
    problems: list[tuple[int, str]] = []
    for row, name in enumerate(names):
        image = find(name)
        if image is None:
            problem = f"{printable(name)} is the name of more than one image; add the folder"
        elif not image:
            problem = f"contains a row for {printable(name)!r}, but there is no such image"
        elif image in matched:
            problem = f"contains more than one row for {printable(image)}"
        else:
            matched[image] = None
            continue
        problems.append((row, problem))
    if problems:
        more = f" ({len(problems):,} rows cannot be used)" if len(problems) > 1 else ""
        row, problem = problems[0]
        raise cells.error(row, problem + more)
    if len(matched) < len(paths):
        first = min(paths - set(matched))
        raise InputError(
            f"{cells.lines.origin}: has {len(matched)} rows for {len(paths)} images; "
            f"{printable(first)} has no row"
        )
    return list(matched)


def _make_finder(images: Sequence[str]) -> Callable[[str], str | None]:
    """Return a function from a name to its image; None if it is ambiguous, "" if there is none."""
    exact = _index(images, str)
    folded = cache(lambda: _index(images, str.casefold))
    stems = cache(lambda: _index(images, lambda path: splitext(path)[0].casefold()))

    def find(name: str) -> str | None:
        name = unicodedata.normalize("NFC", name)
        # Spaces and backslashes can be part of a file name.
        clean = normpath(name.strip().replace("\\", "/"))
        for key in (name, name.strip(), clean):
            if key in exact:
                return exact[key]
        key = clean.casefold()
        return folded()[key] if key in folded() else stems().get(key, "")

    return find


def _index(images: Sequence[str], change: Callable[[str], str]) -> dict[str, str | None]:
    """Return the images by path and by the ends of their paths; None if an end is ambiguous.

    Args:
        images: paths of the images.
        change: function of a path that is applied to each path.
    """
    paths: dict[str, str | None] = {}
    ends: dict[str, str | None] = {}
    for image in images:
        path = change(image)
        paths[path] = None if path in paths else image
        while "/" in path:
            path = path.partition("/")[2]
            ends[path] = None if path in ends else image
    return ends | paths
