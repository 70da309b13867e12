"""Reads all images of an archive into an array on disk: `python -m benchmarks.read_archive …`.

Prints the number of images and the seconds, without imports.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from latent.io.dataset import reserve_array
from latent.preprocess.faces.fill import fill_arrays, split_rows
from latent.preprocess.faces.members import locate
from latent.raw.celeba.layout import open_archive


def main(archive_path: str, size: int) -> None:
    """Read images as the stage preprocess does, without the tables of attributes."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with open_archive(Path(archive_path)) as archive:
            names = [name for name in archive.namelist() if name.endswith(".jpg")]
            members = locate(archive, names)
        array = Path(folder, "images.npy")
        reserve_array(array, np.uint8, (len(names), size, size, 3))
        bad = fill_arrays(Path(archive_path), "stretch", list(split_rows(array, members, size)))
        seconds = time.perf_counter() - start
    if bad:
        sys.exit(f"{archive_path}: an image could not be read")
    sys.stdout.write(f"{len(names)} {seconds}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
