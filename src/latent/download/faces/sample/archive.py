"""Writes drawn faces as an archive in the layout of CelebA on Kaggle (`celeba-dataset`)."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from tqdm import tqdm

from latent.download.faces.sample.attributes import ATTRIBUTES
from latent.download.faces.sample.drawing import bounding_box, draw_person, landmarks
from latent.download.faces.sample.person import make_person
from latent.download.faces.sample.sample_attributes import sample_attributes
from latent.io.files import whole_file
from latent.raw.celeba import layout

IMAGES = f"{layout.IMAGES}/{layout.IMAGES}"
ATTRIBUTES_FILE = f"{layout.ATTRIBUTES}.csv"
PARTITION_FILE = f"{layout.PARTITION}.csv"
BOX_FILE = "list_bbox_celeba.csv"
LANDMARKS_FILE = "list_landmarks_align_celeba.csv"

HEADERS: dict[str, str] = {
    ATTRIBUTES_FILE: ",".join(("image_id", *ATTRIBUTES)),
    BOX_FILE: "image_id,x_1,y_1,width,height",
    PARTITION_FILE: "image_id,partition",
    LANDMARKS_FILE: (
        "image_id,lefteye_x,lefteye_y,righteye_x,righteye_y,nose_x,nose_y,"
        "leftmouth_x,leftmouth_y,rightmouth_x,rightmouth_y"
    ),
}

JPEG_QUALITY = 90
CHUNK = 32  # faces that a worker draws at a time


@dataclass(frozen=True)
class Face:
    """One face of the archive: the encoded image and its rows of the tables."""

    jpeg: bytes
    attributes: tuple[int, ...]
    landmarks: tuple[int, ...]
    box: tuple[int, ...]


def write_sample(path: Path, count: int, seed: int, workers: int | None = None) -> None:
    """Write an archive of `count` drawn faces: the same bytes for the same arguments.

    Each face depends on `seed` and its own number only, so that a larger sample begins with the
    faces of a smaller one. As in CelebA the first 80 % are for training, the next 10 % for
    validation and the rest for testing.

    Args:
        path: The zip file to write, whole or not at all.
        count: The number of faces.
        seed: What they are drawn from.
        workers: The number of processes, by default one for each core. The bytes do not depend
            on it.
    """
    tables = {table: [header] for table, header in HEADERS.items()}
    faces = _draw_all(count, seed, workers or _cores())
    with whole_file(path) as temporary, ZipFile(temporary, "w", ZIP_STORED) as archive:
        progress = tqdm(faces, "Drawing faces", total=count, unit="faces", disable=None)
        for index, face in enumerate(progress):
            name = f"{index + 1:06d}.jpg"
            _add(archive, f"{IMAGES}/{name}", face.jpeg)
            tables[ATTRIBUTES_FILE].append(_row(name, *face.attributes))
            tables[BOX_FILE].append(_row(name, *face.box))
            tables[PARTITION_FILE].append(_row(name, _part(index, count)))
            tables[LANDMARKS_FILE].append(_row(name, *face.landmarks))
        for table, lines in tables.items():
            _add(archive, table, "".join(f"{line}\n" for line in lines).encode("ascii"))


def make_face(seed: int, index: int) -> Face:
    """Return face number `index` (from 0) of the sample with this seed."""
    generator = np.random.default_rng([seed, index])
    person = make_person(sample_attributes(generator), generator)
    buffer = BytesIO()
    draw_person(person).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return Face(
        jpeg=buffer.getvalue(),
        attributes=tuple(1 if person.has[name] else -1 for name in ATTRIBUTES),
        landmarks=landmarks(person),
        box=bounding_box(person),
    )


def _make_faces(seed: int, indices: range) -> list[Face]:
    return [make_face(seed, index) for index in indices]


def _draw_all(count: int, seed: int, workers: int) -> Iterator[Face]:
    """Yield the faces in order, drawn by several processes, with few of them held in memory."""
    chunks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    if workers == 1 or len(chunks) <= 1:
        for chunk in chunks:
            yield from _make_faces(seed, chunk)
        return
    # Spawned, not forked: a copy of a process with threads in it, TensorFlow's say, can hang.
    pool = ProcessPoolExecutor(min(workers, len(chunks)), mp_context=get_context("spawn"))
    with pool:
        pending: deque[Future[list[Face]]] = deque()
        try:
            for chunk in chunks:
                pending.append(pool.submit(_make_faces, seed, chunk))
                if len(pending) > 2 * workers:
                    yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _part(index: int, count: int) -> int:
    """Return 0 for training, 1 for validation, 2 for testing."""
    return int(10 * index >= 8 * count) + int(10 * index >= 9 * count)


def _row(name: str, *values: int) -> str:
    return ",".join((name, *map(str, values)))


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    """Add a file without what would differ from run to run: the time and the system."""
    member = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.create_system = 3  # Unix, wherever it is written
    member.external_attr = 0o644 << 16  # readable by all
    archive.writestr(member, content)
