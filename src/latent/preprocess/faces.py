"""Faces: JPEG files in an archive to arrays."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from latent.data.celeba import open_archive, read_layout, read_member
from latent.data.dataset import SPLITS, write_record
from latent.errors import InputError
from latent.files import whole_folder
from latent.params import DownloadFaces, PreprocessFaces

CHUNK = 1024  # images in memory at a time


def preprocess_faces(
    archive_path: Path,
    source: DownloadFaces,
    params: PreprocessFaces,
    threads: int,
    folder: Path,
) -> None:
    """Make the processed data set `folder` from the archive, reading it where it lies.

    The official partition decides the splits; its validation images are left out, for nothing in
    the pipeline is chosen by them.

    Args:
        archive_path: zip in the layout of `latent.data.celeba`.
        source: where the archive came from, for the record.
        params: the images' size.
        threads: how many decode at once; no result depends on it.
        folder: made whole or not at all.

    Raises:
        InputError: the archive or an image in it cannot be read.
    """
    size = params.image_size
    with open_archive(archive_path) as archive, whole_folder(folder) as temporary:
        layout = read_layout(archive)
        left_out = len(layout) - int(layout["partition"].isin(SPLITS).sum())
        for split in SPLITS:
            rows = layout[layout["partition"] == split]
            images = np.lib.format.open_memmap(
                temporary / f"{split}.npy", "w+", np.uint8, (len(rows), size, size, 3)
            )
            _decode(archive, rows["member"].tolist(), images, threads, f"faces, {split}")
            table = rows.drop(columns=["member", "partition"])
            table.to_parquet(temporary / f"{split}.parquet", index=False)
        record = {"name": "faces", "source": source.source, "left_out": {"validation": left_out}}
        write_record(temporary, record)


def _decode(
    archive: zipfile.ZipFile,
    members: list[str],
    images: NDArray[np.uint8],
    threads: int,
    title: str,
) -> None:
    size = images.shape[1]

    def read(member: str) -> NDArray[np.uint8]:
        content = read_member(archive, member)
        try:
            return read_image(content, size)
        except UnidentifiedImageError:
            raise InputError(f"{archive.filename}: {member}: is no image") from None
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise InputError(f"{archive.filename}: {member}: cannot be decoded: {error}") from None

    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(desc=title, total=len(members), unit="images", disable=None) as bar,
    ):
        # Chunk by chunk, so that no more than a chunk of decoded images waits to be written.
        for start in range(0, len(members), CHUNK):
            for row, image in enumerate(pool.map(read, members[start : start + CHUNK]), start):
                images[row] = image
                bar.update()
    images.flush()  # type: ignore[attr-defined]


def read_image(content: bytes, size: int) -> NDArray[np.uint8]:
    """Decode an image and resize it to a square, without crop and bilinearly (example 3-15).

    Pillow's bilinear filter widens as it shrinks an image, so fine patterns do not alias.

    Returns:
        uint8 (size, size, 3).
    """
    with Image.open(io.BytesIO(content)) as image:
        # A JPEG is decoded at a half, a quarter or an eighth of its size where that is still twice
        # as large as what is asked for.
        image.draft("RGB", (2 * size, 2 * size))
        resized = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(resized)
