"""Writes the synthetic face sample in the layout of CelebA on Kaggle (`celeba-dataset`)."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from io import BytesIO
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
from latent.raw.parallel import count_cores, run_parallel

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
CHUNK = 32  # faces per task of a worker process


@dataclass(frozen=True)
class Face:
    """One face of the archive.

    Attributes:
        jpeg: The encoded image.
        attributes: 1 or -1 for each name in `ATTRIBUTES`.
        landmarks: x and y of five points, in pixels. See `drawing.landmarks`.
        box: Left edge, top edge, width and height of the face, in pixels.
    """

    jpeg: bytes
    attributes: tuple[int, ...]
    landmarks: tuple[int, ...]
    box: tuple[int, ...]


def write_sample(path: Path, count: int, seed: int, workers: int | None = None) -> None:
    """Write a zip archive of `count` generated faces.

    The same arguments always produce the same bytes. Each face depends only on `seed` and its
    index, so a larger sample starts with the faces of a smaller one. As in CelebA, the first 80 %
    of the images are for training, the next 10 % for validation and the rest for testing.

    Args:
        path: Path of the zip file. It is written whole or not at all.
        count: Number of faces.
        seed: Seed of the random generators.
        workers: Number of processes. Defaults to the number of available CPU cores. It does not
            affect the bytes.
    """
    tables = {table: [header] for table, header in HEADERS.items()}
    with (
        closing(_generate(count, seed, workers or count_cores())) as faces,
        whole_file(path) as temporary,
        ZipFile(temporary, "w", ZIP_STORED) as archive,
    ):
        progress = tqdm(faces, "Generating faces", total=count, unit="faces", disable=None)
        for index, face in enumerate(progress):
            name = f"{index + 1:06d}.jpg"
            _add(archive, f"{IMAGES}/{name}", face.jpeg)
            tables[ATTRIBUTES_FILE].append(_row(name, *face.attributes))
            tables[BOX_FILE].append(_row(name, *face.box))
            tables[PARTITION_FILE].append(_row(name, _partition(index, count)))
            tables[LANDMARKS_FILE].append(_row(name, *face.landmarks))
        for table, lines in tables.items():
            _add(archive, table, "".join(f"{line}\n" for line in lines).encode("ascii"))


def make_face(seed: int, index: int) -> Face:
    """Return the face at `index`, from 0, of the sample with this seed."""
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


def _generate(count: int, seed: int, workers: int) -> Generator[Face]:
    """Yield the faces in order. Several processes generate them."""
    chunks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    processes = min(workers, max(1, len(chunks)))
    with closing(run_parallel(partial(_make_faces, seed), chunks, processes)) as results:
        for faces in results:
            yield from faces


def _partition(index: int, count: int) -> int:
    """Return 0 for training, 1 for validation or 2 for testing."""
    return int(10 * index >= 8 * count) + int(10 * index >= 9 * count)


def _row(name: str, *values: int) -> str:
    return ",".join((name, *map(str, values)))


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    """Add a file with a fixed time and operating system, for reproducible bytes."""
    member = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.create_system = 3  # Unix, on every operating system
    member.external_attr = 0o644 << 16  # readable by all users
    archive.writestr(member, content)
