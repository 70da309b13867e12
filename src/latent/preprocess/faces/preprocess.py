"""An archive of faces to the processed form of `latent.io.dataset`."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import SPLITS, keep_rows, reserve_array, write_record
from latent.io.files import whole_folder
from latent.params import DownloadFaces, PreprocessFaces
from latent.preprocess.faces.decode import Rows
from latent.preprocess.faces.fill import fill_arrays, split_rows
from latent.preprocess.faces.members import locate
from latent.raw.celeba.layout import open_archive, read_layout
from latent.raw.folder_or_zip import one_line

log = logging.getLogger(__name__)

NAMED = 1000  # skipped images, at most, that the record names


def preprocess_faces(
    archive_path: Path,
    source: DownloadFaces,
    params: PreprocessFaces,
    folder: Path,
    processes: int | None = None,
) -> None:
    """Make the processed data set `folder` from the archive, reading it where it lies.

    The partition decides the splits; its validation images are left out, for nothing in the
    pipeline is chosen by them. An image that cannot be used is skipped, and named in the record.

    Args:
        archive_path: zip in the layout of `latent.raw.celeba.layout`.
        source: where the archive came from, for the record.
        params: the images' size, how they are fitted into it, and how many may be skipped.
        folder: made whole or not at all.
        processes: how many decode at once, by default one for each core; no result depends on it.

    Raises:
        InputError: the archive cannot be read, too many of its images cannot be used, or the disk
            is full.
    """
    size = params.image_size
    with whole_folder(folder) as temporary:
        tables, members, left_out = _read_archive(archive_path)
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
        used = sum(map(len, tables.values()))
        _report(archive_path, skipped, used, params.max_bad_fraction)
        for split, table in tables.items():
            skips = [row for path, row in bad if path == arrays[split]]
            good = np.delete(np.arange(len(table)), skips)
            keep_rows(arrays[split], good)
            table.iloc[good].to_parquet(temporary / f"{split}.parquet", index=False)
        record = {
            "name": "faces",
            "source": source.source,
            "left_out": {"validation": left_out},
            "skipped": {
                "count": len(skipped),
                "images": dict(sorted(skipped.items())[:NAMED]),
            },
        }
        write_record(temporary, record)


def _read_archive(
    path: Path,
) -> tuple[dict[str, pd.DataFrame], dict[str, NDArray[np.void]], int]:
    """Return each split's table, and where its images are; and how many images belong to none.

    The archive's directory takes much memory, and is let go when this function ends.
    """
    tables, members = {}, {}
    with open_archive(path) as archive:
        layout = read_layout(archive)
        for split in SPLITS:
            table = layout[layout["partition"] == split]
            if table.empty:
                raise InputError(
                    f"{one_line(path)}: no image is of the {split} split, by its partition"
                )
            members[split] = locate(archive, table["member"])
            tables[split] = table.drop(columns=["member", "partition"])
    return tables, members, len(layout) - sum(map(len, tables.values()))


def _report(archive: Path, skipped: dict[str, str], total: int, max_bad_fraction: float) -> None:
    """Warn of skipped images; raise InputError where they are too many."""
    if not skipped:
        return
    name, reason = min(skipped.items())
    first = f"the first is {one_line(name)}, which {reason}"
    if len(skipped) > max_bad_fraction * total:
        raise InputError(
            f"{one_line(archive)}: {len(skipped):,} of {total:,} images cannot be used, more than "
            f"preprocess.faces.max_bad_fraction ({max_bad_fraction:g}) allows; {first}"
        )
    log.warning(
        "%s: %s of %s images are skipped, since they cannot be used (dataset.json names them); %s",
        one_line(archive),
        f"{len(skipped):,}",
        f"{total:,}",
        first,
    )
