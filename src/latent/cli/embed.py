"""The command that embeds the images of a folder."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from latent import Model
from latent.cli.output import open_output, report
from latent.cli.project import find_root
from latent.errors import InputError
from latent.raw.folder_or_zip import Folder, printable
from latent.raw.image import IMAGE_EXTENSIONS
from latent.raw.other_files import describe_missing_images, warn_of_ignored_files

MAX_NAMED = 20  # images that cannot be used, named on standard error


def embed_folder(name: str, location: Path, max_bad_fraction: float, output: Path) -> None:
    """Write a Parquet file with a row per image: `image_id`, `z_mean_0`, `z_mean_1` and so on.

    `image_id` is the path of the image relative to the folder, with / as separator; rows are sorted
    by it. The embeddings are float32. A batch of images is in memory at a time.

    Args:
        name: the model.
        location: a folder of images at any depth.
        max_bad_fraction: maximum fraction of images that cannot be used. They are named on standard
            error and skipped.
        output: the file.

    Raises:
        InputError: there are no images, or too many cannot be used.
    """
    names = _find_images(location)
    model = Model.load(name, find_root())
    dimensions = [(f"z_mean_{number}", pa.float32()) for number in range(model.latent_dim)]
    schema = pa.schema([("image_id", pa.string()), *dimensions])
    bad = 0
    with (
        open_output(output) as path,
        pq.ParquetWriter(path, schema) as writer,
        tqdm(desc="embed", total=len(names), unit="images", disable=None) as bar,
    ):
        for batch in model.encode_batches(location / name for name in names):
            for error in batch.errors:
                bad += 1
                if bad > max_bad_fraction * len(names):
                    raise InputError(
                        f"{printable(location)}: of {len(names):,} images, more cannot be used "
                        f"than --max-bad-fraction {max_bad_fraction:g} allows, such as {error}"
                    )
                if bad <= MAX_NAMED:
                    tqdm.write(f"WARNING: {error}; skipped", file=sys.stderr)
            ids = [path.relative_to(location).as_posix() for path in batch.images]
            writer.write_batch(pa.record_batch([ids, *batch.z_mean.T], schema=schema))
            bar.update(len(batch.images) + len(batch.errors))
    report(output, f"{len(names) - bad:,} embeddings, {bad:,} images skipped")


def _find_images(location: Path) -> list[str]:
    """Return the names of the images in a folder. Warnings name the other files."""
    if not location.is_dir():
        raise InputError(f"{printable(location)}: no such folder")
    files = Folder(location)
    names = [name for name in files.names if name.lower().endswith(IMAGE_EXTENSIONS)]
    others = [name for name in files.names if not name.lower().endswith(IMAGE_EXTENSIONS)]
    if not names:
        raise InputError(f"{printable(location)}: contains {describe_missing_images(others)}")
    warn_of_ignored_files(files, others)
    for name in names:
        if any("\ud800" <= letter <= "\udfff" for letter in name):
            raise InputError(
                f"{printable(location / name)}: the file name is not valid UTF-8; rename the file"
            )
    return names
