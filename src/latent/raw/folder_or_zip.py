"""The files of a folder or a zip of the user's, by their names below it, read where they lie."""

import lzma
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from latent.errors import InputError

LARGEST = 1 << 28  # bytes of a file, at most, unless its reader says otherwise

# What zipfile raises for an archive that is damaged, encrypted or packed in a way unknown to it.
UNREADABLE = (
    OSError,
    ValueError,
    RuntimeError,
    EOFError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


class Collection(Protocol):
    """Files that are read by name.

    Attributes:
        location: the folder or the zip.
        names: paths below it with / between their parts, sorted; none is hidden, neither by a dot
            nor as what macOS packs beside each file.
    """

    location: Path
    names: list[str]

    def read(self, name: str, largest: int = LARGEST) -> bytes:
        """Return the content of a file.

        Raises:
            InputError: it cannot be read, or takes more than `largest` bytes; the message says
                why, and leaves it to the caller to say where.
        """

    def size(self, name: str) -> int:
        """Return how many bytes a file takes, by what the folder or the zip says of it."""


@contextmanager
def open_collection(location: Path) -> Iterator[Collection]:
    """Yield the files of a folder or of a zip; one that was opened is closed afterwards.

    Raises:
        InputError: there is none, the zip is damaged, or a member's name is absolute, leads out of
            the zip or is there twice.
    """
    if location.is_dir():
        yield Folder(location)
        return
    if not location.is_file():  # a pipe would never end
        raise InputError(f"{one_line(location)}: no such folder or zip file")
    try:
        archive = zipfile.ZipFile(location)
    except UNREADABLE as error:
        raise InputError(
            f"{one_line(location)}: is no folder and no readable zip file: {error}"
        ) from None
    with archive:
        yield Zip(location, archive)


class Folder:
    """The files of a folder and of those in it, linked ones among them."""

    def __init__(self, location: Path) -> None:
        self.location = location
        self.names = sorted(_walk(location))

    def read(self, name: str, largest: int = LARGEST) -> bytes:
        """Return the content of a file."""
        path = self.location / name
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise InputError("is no regular file")
            if status.st_size > largest:
                raise InputError(f"is larger than {largest:,} bytes")
            return path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}") from None

    def size(self, name: str) -> int:
        """Return how many bytes a file takes; 0 where nobody knows."""
        try:
            return (self.location / name).stat().st_size
        except OSError:
            return 0


class Zip:
    """The members of a zip, which is never unpacked."""

    def __init__(self, location: Path, archive: zipfile.ZipFile) -> None:
        self.location = location
        self._archive = archive
        names = [name for name in archive.namelist() if not name.endswith("/")]
        for name, count in Counter(names).items():
            if count > 1:
                raise InputError(f"{one_line(location)}: holds {one_line(name)} {count} times")
            # Both kinds of slashes, as a name of Windows may have either.
            parts = name.replace("\\", "/").split("/")
            if not name:
                raise InputError(f"{one_line(location)}: holds a file without a name")
            if not parts[0] or ".." in parts or parts[0].endswith(":"):
                raise InputError(
                    f"{one_line(location)}: {one_line(name)}: leads out of the archive"
                )
        self.names = sorted(name for name in names if not _hidden(name))

    def read(self, name: str, largest: int = LARGEST) -> bytes:
        """Return the content of a member."""
        try:
            # No more than the member's directory entry declares is ever unpacked.
            with self._archive.open(name) as member:
                content = member.read(largest + 1)
        except UNREADABLE as error:
            raise InputError(f"cannot be read: {one_line(str(error))}") from None
        if len(content) > largest:
            raise InputError(f"is larger than {largest:,} bytes")
        return content

    def size(self, name: str) -> int:
        """Return how many bytes a member takes unpacked, as the zip declares."""
        return self._archive.getinfo(name).file_size


def where(files: Collection, name: str) -> str:
    """Return what to call a file in a message."""
    return f"{one_line(files.location)}: {one_line(name)}"


def one_line(name: str | Path) -> str:
    """Return a file's name as it can be printed: in one line, and in UTF-8."""
    text = str(name).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _walk(location: Path) -> Iterator[str]:
    """Yield the names of all files; a link to a folder that it lies in leads nowhere."""
    waiting: list[tuple[str, frozenset[tuple[int, int]]]] = [("", frozenset())]
    while waiting:
        below, above = waiting.pop()
        folder = os.path.join(location, below)
        try:
            status = os.stat(folder)
            found = os.listdir(folder)
        except OSError as error:
            raise InputError(f"{one_line(folder)}: cannot be read: {error.strerror}") from None
        itself = (status.st_dev, status.st_ino)
        if itself in above:
            continue
        for name in found:
            path = f"{below}/{name}" if below else name
            if _hidden(name):
                continue
            if os.path.isdir(os.path.join(location, path)):
                waiting.append((path, above | {itself}))
            else:
                yield path
