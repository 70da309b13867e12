"""Test data for the corpus of bad inputs: numbered images, archives, tables and damage to them."""

import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from latent.io.dataset import read_record, read_split

COUNT = 20  # number of images in a dataset
BITS = 5
ATTRIBUTES = tuple(f"Bit_{bit}" for bit in range(BITS))
SIDE = 40  # pixels, 8 for each of the 5 stripes
PREFIX = "img_align_celeba/img_align_celeba/"
TEST, VALIDATION = (4, 9, 14, 19), (7,)


def stripes(number: int) -> NDArray[np.uint8]:
    """Return a grey image whose stripes show the bits of its number."""
    bits = [255 * (number >> bit & 1) for bit in range(BITS)]
    return np.repeat(np.array(bits, np.uint8), SIDE // BITS)[:, np.newaxis].repeat(SIDE, axis=1)


def read_number(pixels: NDArray[np.uint8]) -> int:
    """Return the number of an image that `stripes` made, from the image resized to any size."""
    parts = np.array_split(pixels.mean(axis=(1, 2)), BITS)
    return sum(int(part[len(part) // 2] > 127) << bit for bit, part in enumerate(parts))


def encode(image: Image.Image | NDArray[Any], kind: str = "JPEG", **options: Any) -> bytes:
    """Return an image as the bytes of a file."""
    buffer = io.BytesIO()
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    if kind == "JPEG":
        options = {"quality": 95, **options}
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def image_bytes(number: int, kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """Return the image with a number as the bytes of a file."""
    return encode(Image.fromarray(stripes(number)).convert(mode), kind, **options)


def file_name(number: int) -> str:
    return f"{number:06}.jpg"


def rows(heading: str, row: Callable[[int], str], numbers: Iterator[int] | None = None) -> str:
    """Return a table as text, with one line per number."""
    return "\n".join([heading, *(row(n) for n in numbers or range(COUNT))]) + "\n"


def attribute_row(number: int, separator: str = ",", truths: tuple[str, str] = ("-1", "1")) -> str:
    bits = [truths[number >> bit & 1] for bit in range(BITS)]
    return separator.join([file_name(number), *bits])


def attributes(separator: str = ",", truths: tuple[str, str] = ("-1", "1")) -> str:
    heading = separator.join(["image_id", *ATTRIBUTES])
    return rows(heading, lambda n: attribute_row(n, separator, truths))


def partition_of(number: int) -> int:
    return 2 if number in TEST else 1 if number in VALIDATION else 0


def partition(separator: str = ",") -> str:
    return rows(
        f"image_id{separator}partition", lambda n: f"{file_name(n)}{separator}{partition_of(n)}"
    )


@dataclass
class Archive:
    """A valid archive of face images, to which a test can make changes.

    Attributes:
        images: contents of the images by file name.
        tables: contents of the tables by file name.
        others: names and contents of further members; a name may occur twice.
        methods: compression methods by name, for members that are compressed.
        prefix: folder of the images in the archive.
    """

    images: dict[str, bytes] = field(
        default_factory=lambda: {file_name(n): image_bytes(n) for n in range(COUNT)}
    )
    tables: dict[str, bytes] = field(
        default_factory=lambda: {
            "list_attr_celeba.csv": attributes().encode(),
            "list_eval_partition.csv": partition().encode(),
        }
    )
    others: list[tuple[str, bytes]] = field(default_factory=list)
    methods: dict[str, int] = field(default_factory=dict)
    prefix: str = PREFIX

    def write(self, path: Path) -> None:
        members = [(f"{self.prefix}{name}", content) for name, content in self.images.items()]
        members += [*self.tables.items(), *self.others]
        path.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w") as archive:
            for name, content in members:
                short = name.removeprefix(self.prefix)
                archive.writestr(name, content, self.methods.get(short, zipfile.ZIP_STORED))


# Damage to a zip file

CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"


@dataclass
class ZipBytes:
    """The bytes of a zip file, for damaging it."""

    content: bytearray

    @property
    def end(self) -> int:
        return self.content.rindex(END)

    def central(self, name: str) -> int:
        """Return the position of a member's entry in the directory."""
        return self._find(name, CENTRAL, 46)

    def local(self, name: str) -> int:
        """Return the position of a member's local header."""
        return self._find(name, LOCAL, 30)

    def put(self, position: int, code: str, value: int) -> None:
        """Write an integer, in the format of a code of `struct`."""
        struct.pack_into(f"<{code}", self.content, position, value)

    def _find(self, name: str, signature: bytes, length: int) -> int:
        """Return the position of the header of `length` bytes that is followed by `name`."""
        position = -1
        while True:
            position = self.content.index(name.encode(), position + 1)
            start = self.content.rfind(signature, 0, position)
            before = self.content[start + length : position]
            if start >= 0 and b"\0" not in before and len(before) < 100:
                return start


def damage(path: Path, change: Callable[[ZipBytes], None]) -> None:
    content = ZipBytes(bytearray(path.read_bytes()))
    change(content)
    path.write_bytes(content.content)


# Results


def read_numbers(folder: Path) -> dict[str, int]:
    """Return the numbers of the images in a processed dataset, by name.

    The function checks that the attributes in each row match the number that the image shows.
    """
    found = {}
    record = read_record(folder)
    for split in ("train", "test"):
        part = read_split(folder, split)
        assert record["images"][split] == len(part.images) == len(part.table)
        for image, (_, row) in zip(part.images, part.table.iterrows(), strict=True):
            number = read_number(image)
            found[row["image_id"]] = number
            bits = [row[name] for name in ATTRIBUTES if name in row]
            assert bits in ([], [bool(number >> bit & 1) for bit in range(BITS)])
    return found
