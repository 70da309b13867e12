"""Archives as large as CelebA, made of repeated faces of the synthetic sample."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from latent.download.faces.sample.archive import write_sample
from latent.raw.celeba.layout import ATTRIBUTES, IMAGES, PARTITION

CELEBA = 202_599  # images
DISTINCT = 4_000  # different images
# At this quality a face takes 7.5 kB. An image of CelebA takes 7.1 kB (1.44 GB in total).
QUALITY = 80


def generate_faces(folder: Path) -> list[bytes]:
    """Return faces of the synthetic sample as JPEGs of 178×218 pixels."""
    path = folder / "sample.zip"
    write_sample(path, DISTINCT, seed=1)
    faces = []
    with zipfile.ZipFile(path) as archive:
        for name in sorted(name for name in archive.namelist() if name.endswith(".jpg")):
            buffer = io.BytesIO()
            with Image.open(archive.open(name)) as image:
                image.save(buffer, "JPEG", quality=QUALITY)
            faces.append(buffer.getvalue())
    path.unlink()
    return faces


def name_faces(faces: list[bytes], count: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` pairs of a unique file name and a face, repeating the faces as needed."""
    for number in range(count):
        yield f"{number + 1:06d}.jpg", faces[number % len(faces)]


def write_archive(path: Path, faces: list[bytes], count: int, attributes: int = 40) -> None:
    """Write an archive in Kaggle's layout, with 90 % training images and 10 % test images."""
    table = [",".join(["image_id", *(f"Attribute_{column}" for column in range(attributes))])]
    partition = ["image_id,partition"]
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, face) in enumerate(name_faces(faces, count)):
            archive.writestr(zipfile.ZipInfo(f"{IMAGES}/{IMAGES}/{name}"), face)
            values = ("1" if (number >> column % 20) % 2 else "-1" for column in range(attributes))
            table.append(",".join([name, *values]))
            partition.append(f"{name},{2 if number % 10 == 9 else 0}")
        archive.writestr(f"{ATTRIBUTES}.csv", "\n".join(table))
        archive.writestr(f"{PARTITION}.csv", "\n".join(partition))
