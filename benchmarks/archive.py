"""Archives as large as CelebA's, of faces that the project draws, each there many times over."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from latent.download.faces.sample.archive import write_sample
from latent.raw.celeba.layout import ATTRIBUTES, IMAGES, PARTITION

CELEBA = 202_599  # images
DRAWN = 4_000  # different ones
QUALITY = 80  # at which a drawn face takes 7.5 kB; CelebA's take 7.1 kB each (1.44 GB in all)


def draw_faces(folder: Path) -> list[bytes]:
    """Return drawn faces as JPEGs of 178×218 pixels."""
    path = folder / "drawn.zip"
    write_sample(path, DRAWN, seed=1)
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
    """Yield `count` faces, each under a name of its own."""
    for number in range(count):
        yield f"{number + 1:06d}.jpg", faces[number % len(faces)]


def write_archive(path: Path, faces: list[bytes], count: int, attributes: int = 40) -> None:
    """Write an archive in Kaggle's layout; of ten images nine are for training, one for testing."""
    described = [",".join(["image_id", *(f"Attribute_{place}" for place in range(attributes))])]
    partition = ["image_id,partition"]
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, face) in enumerate(name_faces(faces, count)):
            archive.writestr(zipfile.ZipInfo(f"{IMAGES}/{IMAGES}/{name}"), face)
            values = ("1" if (number >> place % 20) % 2 else "-1" for place in range(attributes))
            described.append(",".join([name, *values]))
            partition.append(f"{name},{2 if number % 10 == 9 else 0}")
        archive.writestr(f"{ATTRIBUTES}.csv", "\n".join(described))
        archive.writestr(f"{PARTITION}.csv", "\n".join(partition))
