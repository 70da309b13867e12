"""What the corpus is made of: images that say which they are, archives, tables, and damage."""

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

COUNT = 20  # images of a data set
BITS = 5
ATTRIBUTES = tuple(f"Bit_{bit}" for bit in range(BITS))
SIDE = 40  # pixels: eight for each of five stripes
PREFIX = "img_align_celeba/img_align_celeba/"
TEST, VALIDATION = (4, 9, 14, 19), (7,)


def stripes(number: int) -> NDArray[np.uint8]:
    """Return a grey image whose stripes are the bits of its number."""
    bits = [255 * (number >> bit & 1) for bit in range(BITS)]
    return np.repeat(np.array(bits, np.uint8), SIDE // BITS)[:, np.newaxis].repeat(SIDE, axis=1)


def read_number(pixels: NDArray[np.uint8]) -> int:
    """Return the number that `stripes` made an image of, whatever its size."""
    parts = np.array_split(pixels.mean(axis=(1, 2)), BITS)
    return sum(int(part[len(part) // 2] > 127) << bit for bit, part in enumerate(parts))


def encode(image: Image.Image | NDArray[Any], kind: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    if kind == "JPEG":
        options = {"quality": 95, **options}
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture(number: int, kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    return encode(Image.fromarray(stripes(number)).convert(mode), kind, **options)


def file_name(number: int) -> str:
    return f"{number:06}.jpg"


def rows(heading: str, row: Callable[[int], str], numbers: Iterator[int] | None = None) -> str:
    """Return a table as CSV, a line for each number."""
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
    """An archive of faces, good until somebody changes it.

    Attributes:
        images: contents by file name.
        tables: contents by file name.
        others: further members, by name; a name may be there twice.
        methods: how members other than stored ones are packed, by name.
    """

    images: dict[str, bytes] = field(
        default_factory=lambda: {file_name(n): picture(n) for n in range(COUNT)}
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
class Bytes:
    """The bytes of a zip file, to be damaged."""

    content: bytearray

    @property
    def end(self) -> int:
        return self.content.rindex(END)

    def central(self, name: str) -> int:
        """Where the directory's entry of a member begins."""
        return self._find(name, CENTRAL, 46)

    def local(self, name: str) -> int:
        """Where a member's own header begins."""
        return self._find(name, LOCAL, 30)

    def put(self, at: int, form: str, value: int) -> None:
        struct.pack_into(f"<{form}", self.content, at, value)

    def _find(self, name: str, signature: bytes, length: int) -> int:
        """Return where a header begins that has `name` at its end, `length` bytes behind."""
        at = -1
        while True:
            at = self.content.index(name.encode(), at + 1)
            start = self.content.rfind(signature, 0, at)
            before = self.content[start + length : at]
            if start >= 0 and b"\0" not in before and len(before) < 100:
                return start


def damage(path: Path, change: Callable[[Bytes], None]) -> None:
    content = Bytes(bytearray(path.read_bytes()))
    change(content)
    path.write_bytes(content.content)


# What came of it


def faces_of(folder: Path) -> dict[str, int]:
    """Return the images of processed faces with their numbers, every row checked against all else.

    The image says which it is, its name says it, and so do its attributes.
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
