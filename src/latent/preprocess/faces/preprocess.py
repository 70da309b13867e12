"""Conversion of an archive of face images into the processed form of `latent.io.dataset`."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import (
    SPLITS,
    check_attributes,
    keep_rows,
    read_array,
    reserve_array,
    write_record,
)
from latent.io.files import whole_folder
from latent.params import DownloadFaces, PreprocessFaces
from latent.preprocess.brightness import warn_if_dark
from latent.preprocess.faces.decode import Rows
from latent.preprocess.faces.fill import fill_arrays, split_rows
from latent.preprocess.faces.members import locate
from latent.raw.celeba.layout import open_archive, read_layout
from latent.raw.folder_or_zip import printable

log = logging.getLogger(__name__)

MAX_NAMED = 1000  # maximum number of skipped images that dataset.json names


def preprocess_faces(
    archive_path: Path,
    source: DownloadFaces,
    params: PreprocessFaces,
    folder: Path,
    processes: int | None = None,
    shown: Sequence[str] = (),
) -> None:
    """Make a processed dataset from an archive of face images, without extracting it to disk.

    The archive's partition determines the splits. Validation images are left out, because the
    pipeline does not select models or parameters. Images that cannot be used are skipped and named
    in dataset.json.

    Args:
        archive_path: zip in the layout of `latent.raw.celeba.layout`.
        source: source of the archive, for dataset.json.
        params: size of the images, how they are fitted into squares, and maximum fraction of
            skipped images.
        folder: folder of the processed dataset, written atomically.
        processes: number of processes, by default one per core. No result depends on it.
        shown: names of the attributes that figures show, which are only checked.

    Raises:
        InputError: the archive cannot be read, too many images cannot be used, the disk is full, or
            an archive of CelebA has attributes, but lacks one in `shown`.
    """
    size = params.image_size
    with whole_folder(folder) as temporary:
        tables, members, validation_images = _read_archive(archive_path)
        attributes = [str(name) for name in tables["train"].select_dtypes(bool).columns]
        if attributes and source.source != "folder":
            check_attributes(shown, attributes)
        arrays = {split: temporary / f"{split}.npy" for split in SPLITS}
        tasks: list[Rows] = []
        for split, array in arrays.items():
            reserve_array(array, np.uint8, (len(tables[split]), size, size, 3))
            tasks += split_rows(array, members[split], size)
        bad = fill_arrays(archive_path, params.fit, tasks, processes)
        skipped = {
            str(tables[path.stem]["image_id"].iat[row]): reason
            for (path, row), reason in bad.items()
        }
        total = sum(map(len, tables.values()))
        _report_skipped(archive_path, skipped, total, params.max_bad_fraction)
        for split, table in tables.items():
            bad_rows = [row for path, row in bad if path == arrays[split]]
            good_rows = np.delete(np.arange(len(table)), bad_rows)
            keep_rows(arrays[split], good_rows)
            table.iloc[good_rows].to_parquet(temporary / f"{split}.parquet", index=False)
        record = {
            "name": "faces",
            "source": source.source,
            "preparation": {"fit": params.fit, "padding": 0},
            "left_out": {"validation": validation_images},
            "skipped": {
                "count": len(skipped),
                "images": dict(sorted(skipped.items())[:MAX_NAMED]),
            },
        }
        write_record(temporary, record)
        if source.source != "sample":
            opened = (read_array(array) for array in arrays.values())
            warn_if_dark(printable(archive_path), opened)


def _read_archive(
    path: Path,
) -> tuple[dict[str, pd.DataFrame], dict[str, NDArray[np.void]], int]:
    """Return each split's table and the positions of its images; and the number of other images.

    Reading the archive in a separate function frees the memory of its large directory.
    """
    tables, members = {}, {}
    with open_archive(path) as archive:
        layout = read_layout(archive)
        for split in SPLITS:
            table = layout[layout["partition"] == split]
            members[split] = locate(archive, table["member"])
            tables[split] = table.drop(columns=["member", "partition"])
    return tables, members, len(layout) - sum(map(len, tables.values()))


def _report_skipped(
    archive: Path, skipped: dict[str, str], total: int, max_bad_fraction: float
) -> None:
    """Log a warning about skipped images; raise InputError if there are too many."""
    if not skipped:
        return
    name, reason = min(skipped.items())
    problem = f"{printable(archive)}: {len(skipped):,} of {total:,} images cannot be used"
    first = f"first image: {printable(name)}: {reason}"
    if len(skipped) > max_bad_fraction * total:
        raise InputError(
            f"{problem}, more than preprocess.faces.max_bad_fraction ({max_bad_fraction:g}) "
            f"allows; {first}"
        )
    log.warning("%s and are skipped, dataset.json lists them; %s", problem, first)
