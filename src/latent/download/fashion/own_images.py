"""Garments of the user's own: a folder or zip with a folder of images per class, or IDX files."""

import logging
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from latent.download.fashion.class_folders import Garment, find_garments
from latent.download.fashion.own_idx import find_idx, pack_idx
from latent.errors import InputError
from latent.params import FashionFolder
from latent.raw.classes import Classes, Skipped, write_classes
from latent.raw.folder_or_zip import Collection, one_line, open_collection
from latent.raw.idx import FILES, IMAGES, LABELS, LARGEST, write_idx
from latent.raw.image import IMAGE_KINDS, read_image

NAMED = 1000  # skipped images that are named in the record, at most
TOLD = 3  # and in a message
CHUNK = 1024  # images that are read at a time

log = logging.getLogger(__name__)


def take_garments(params: FashionFolder, root: Path, folder: Path) -> None:
    """Write the user's garments into `folder` as IDX files, with classes.json.

    Of images it holds their names too, how many files of another kind lie beside them, and which
    were skipped and why.

    Args:
        params: where they are, and what to make of them.
        root: where a relative location begins.
        folder: where the files go; it exists.

    Raises:
        InputError: the location cannot be used, too many images cannot be read, or a split is left
            without any.
    """
    with open_collection(root / os.path.expanduser(params.location)) as files:
        images = [name for name in files.names if name.lower().endswith(IMAGE_KINDS)]
        idx = find_idx(files)
        if idx and images:
            raise InputError(
                f"{one_line(files.location)}: holds IDX files ({one_line(min(idx.values()))}) and "
                f"images ({one_line(images[0])}); one of the two is allowed"
            )
        if idx:
            pack_idx(files, idx, folder)
        else:
            _pack_images(files, images, params, folder)


def _pack_images(files: Collection, paths: list[str], params: FashionFolder, folder: Path) -> None:
    garments = find_garments(files, paths, params)
    if len(garments) * params.size**2 > LARGEST:
        raise InputError(
            f"{one_line(files.location)}: {len(garments):,} images of {params.size}×{params.size} "
            f"pixels; at most {LARGEST:,} pixels are allowed"
        )
    classes = sorted({garment.of_class for garment in garments})
    skipped: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for split, prefix in FILES.items():
        chosen = [garment for garment in garments if garment.split == split]
        images, kept = _read(files, chosen, params.size, skipped, f"garments, {split}")
        labels = [classes.index(garment.of_class) for garment in kept]
        names[split] = [garment.name for garment in kept]
        write_idx(folder / f"{IMAGES.format(prefix)}.gz", images)
        write_idx(folder / f"{LABELS.format(prefix)}.gz", np.array(labels, np.uint8))
    _check(files, names, skipped, params)
    named = dict(sorted(skipped.items())[:NAMED])
    about = Classes(
        classes=classes,
        images=names,
        left_out={"other_files": len(files.names) - len(paths)},
        skipped=Skipped(count=len(skipped), images=named),
    )
    write_classes(folder, about)


def _read(
    files: Collection, garments: list[Garment], size: int, skipped: dict[str, str], title: str
) -> tuple[NDArray[np.uint8], list[Garment]]:
    """Return images, uint8 (N, size, size), and what they are of; add the others to `skipped`."""

    def read(garment: Garment) -> NDArray[np.uint8] | str:
        if one_line(garment.name) != garment.name:
            return "its name does not fit into one line of UTF-8"
        try:
            return read_grey(files.read(garment.path), size)
        except InputError as error:
            return str(error)

    images = np.empty((len(garments), size, size), np.uint8)
    kept: list[Garment] = []
    with (
        warnings.catch_warnings(action="ignore"),  # Pillow's, of what it can read nevertheless
        ThreadPoolExecutor() as pool,
        tqdm(desc=title, total=len(garments), unit="images", disable=None) as bar,
    ):
        # Chunk by chunk, so that Ctrl-C does not wait for all of them.
        for start in range(0, len(garments), CHUNK):
            chunk = garments[start : start + CHUNK]
            for garment, image in zip(chunk, pool.map(read, chunk), strict=True):
                if isinstance(image, str):
                    skipped[one_line(garment.name)] = image
                else:
                    images[len(kept)] = image
                    kept.append(garment)
                bar.update()
    return images[: len(kept)], kept


def _check(
    files: Collection, names: dict[str, list[str]], skipped: dict[str, str], params: FashionFolder
) -> None:
    """Say what was skipped; raise InputError where it was too much, or a split is empty."""
    total = len(skipped) + sum(map(len, names.values()))
    told = [f"{name} {reason}" for name, reason in sorted(skipped.items())[:TOLD]]
    more = ["…"] if len(skipped) > TOLD else []
    what = f"{one_line(files.location)}: {len(skipped)} of {total} images were skipped"
    why = "; ".join([*told, *more])
    if len(skipped) > params.max_bad_fraction * total:
        raise InputError(
            f"{what}, more than download.fashion.folder.max_bad_fraction "
            f"({params.max_bad_fraction:g}) allows: {why}"
        )
    for split, of_split in names.items():
        if not of_split:
            raise InputError(
                f"{one_line(files.location)}: none of {total} images is left for the {split} "
                "split; add images, or change download.fashion.folder.test_fraction or its seed"
            )
    if skipped:
        log.warning("%s: %s", what, why)


def read_grey(content: bytes, size: int) -> NDArray[np.uint8]:
    """Decode an image, turn it upright, make it grey, and fit it into a square.

    The longer side becomes `size` pixels, the shorter one is in proportion, and what is left of the
    square is black, as in Fashion-MNIST (Xiao, Rasul & Vollgraf, arXiv:1708.07747, section 2).

    Args:
        content: of the file.
        size: side of the square, in pixels.

    Returns:
        uint8 (size, size).

    Raises:
        InputError: it cannot be decoded (`latent.raw.image`).
    """
    return np.asarray(Image.fromarray(read_image(content, size, "pad")).convert("L"))
