"""The files in a folder or a zip, under the same interface. A zip is never extracted to disk."""

import logging
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

from latent.errors import InputError, describe
from latent.raw.celeba.wrong_file import describe_wrong_file

MAX_BYTES = 1 << 28  # default maximum size of a file
UNIX = 3  # system that made a member of a zip

# All that zipfile raises for an archive that is damaged, encrypted or has an unknown compression.
ZIP_ERRORS = (
    OSError,
    ValueError,
    RuntimeError,
    EOFError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


log = logging.getLogger(__name__)


class FileTree(Protocol):
    """Files that can be read by name.

    Attributes:
        location: path of the folder or zip.
        names: sorted paths relative to the location, with / as separator. Hidden files and the
            metadata files of macOS are excluded.
    """

    location: Path
    names: list[str]

    def read(self, name: str, max_bytes: int = MAX_BYTES) -> bytes:
        """Return the content of a file.

        Raises:
            InputError: the file cannot be read or is larger than `max_bytes`. The message does not
                contain the name of the file.
        """

    def size(self, name: str) -> int:
        """Return the size of a file in bytes, according to the file system or the zip."""


@contextmanager
def open_file_tree(location: Path, zip_encoding: str | None = None) -> Iterator[FileTree]:
    """Yield the files of a folder or a zip, and close the zip at the end.

    Args:
        location: the folder or zip.
        zip_encoding: encoding of the names in the zip, see `open_zip`.

    Raises:
        InputError: the location does not exist, the zip is damaged, or the name of a member is
            absolute, points outside the zip or is not unique.
    """
    if location.is_dir():
        yield Folder(location)
        return
    if not location.is_file():  # excludes a named pipe, from which a read may block forever
        raise InputError(f"{printable(location)}: no such folder or zip file")
    try:
        archive = open_zip(location, zip_encoding)
    except ZIP_ERRORS as error:
        raise InputError(
            f"{printable(location)}: neither a folder nor a readable zip file: {describe(error)}"
            f"{describe_wrong_file(location)}"
        ) from None
    with archive:
        yield Zip(location, archive)


def open_zip(location: Path, encoding: str | None = None) -> zipfile.ZipFile:
    """Return a zip, open for reading.

    Args:
        location: the zip.
        encoding: encoding of the names that are not marked as UTF-8. By default, they are decoded
            as UTF-8 if this is possible, and otherwise as cp437, with a warning.

    Raises:
        InputError: a name cannot be decoded with `encoding`.
        Exception: one of `ZIP_ERRORS`; the zip is damaged or not a zip.
    """
    try:
        return zipfile.ZipFile(location, metadata_encoding=encoding or "utf-8")
    except UnicodeDecodeError as error:
        problem, name = error, printable(error.object.decode("cp437"))
    if encoding:
        raise InputError(
            f"{printable(location)}: the file name {name!r} in the zip is not valid "
            f"{problem.encoding}; change zip_encoding"
        )
    archive = zipfile.ZipFile(location)
    log.warning(
        "%s: file names in the zip are not valid UTF-8 and are read as cp437, such as %r; if they "
        "are wrong, set zip_encoding (for source folder) or pack the files again",
        printable(location),
        name,
    )
    return archive


class Folder:
    """The files in a folder and its subfolders, including links."""

    def __init__(self, location: Path) -> None:
        self.location = location
        self.names = sorted(_walk(location))

    def read(self, name: str, max_bytes: int = MAX_BYTES) -> bytes:
        """Return the content of a file."""
        path = self.location / name
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise InputError("not a regular file")
            if status.st_size > max_bytes:
                raise InputError(f"larger than {max_bytes:,} bytes")
            return path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read: {describe(error)}") from None

    def size(self, name: str) -> int:
        """Return the size of a file in bytes, 0 if it is unknown."""
        try:
            return (self.location / name).stat().st_size
        except OSError:
            return 0


class Zip:
    """The members of a zip.

    Creating an instance renames the members of `archive` to these names. A backslash separates
    folders, as / does, because some programs on Windows write it. It remains part of a name if
    the name contains / and was written on Unix, or if the encoding of the zip is unknown: in
    Shift-JIS, a letter may contain its byte.
    """

    def __init__(self, location: Path, archive: zipfile.ZipFile) -> None:
        self.location = location
        self._archive = archive
        members: dict[str, zipfile.ZipInfo] = {}
        for member in archive.infolist():
            original = member.filename
            if original.endswith(("/", "\\")):  # a folder
                continue
            parts = original.replace("\\", "/").split("/")
            if original and (not parts[0] or ".." in parts or parts[0].endswith(":")):
                raise InputError(
                    f"{describe_file(self, original)}: points outside the archive; only relative "
                    "paths without '..' are allowed"
                )
            if getattr(archive, "metadata_encoding", None) is None or (
                member.create_system == UNIX and "/" in original
            ):
                parts = original.split("/")
            name = "/".join(part for part in parts if part not in ("", "."))
            if not name:
                raise InputError(f"{printable(location)}: contains a file without a name")
            if name in members:
                self._raise_duplicate(members[name].filename, original)
            members[name] = member
        for name, member in members.items():
            member.filename = name
            archive.NameToInfo[name] = member
        self.names = sorted(name for name in members if not _is_hidden(name))

    def _raise_duplicate(self, name: str, other: str) -> NoReturn:
        location = printable(self.location)
        count = self._archive.namelist().count(name)
        raise InputError(
            f"{location}: contains {printable(name)} {count} times; names must be unique"
            if name == other
            else f"{location}: contains both {printable(name)} and {printable(other)}, which are "
            "the same path; only one is allowed"
        )

    def read(self, name: str, max_bytes: int = MAX_BYTES) -> bytes:
        """Return the content of a member."""
        try:
            # zipfile never decompresses more than the size in the zip's directory.
            with self._archive.open(name) as member:
                content = member.read(max_bytes + 1)
        except ZIP_ERRORS as error:
            raise InputError(f"cannot be read: {printable(describe(error))}") from None
        if len(content) > max_bytes:
            raise InputError(f"larger than {max_bytes:,} bytes")
        return content

    def size(self, name: str) -> int:
        """Return the uncompressed size of a member in bytes, as the zip's directory declares it."""
        return self._archive.getinfo(name).file_size


def read_file(files: FileTree, name: str, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a file.

    Raises:
        InputError: the file cannot be read or is larger than `max_bytes`.
    """
    try:
        return files.read(name, max_bytes)
    except InputError as error:
        raise InputError(f"{describe_file(files, name)}: {error}") from None


def describe_file(files: FileTree, name: str) -> str:
    """Return the location and name of a file, for messages."""
    return f"{printable(files.location)}: {printable(name)}"


def printable(name: str | Path) -> str:
    """Return a file name as one line of valid UTF-8, with escapes for all other characters."""
    text = str(name).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _walk(location: Path) -> Iterator[str]:
    """Yield the names of all files, without recursion and without following cycles of links."""
    # Folders to visit, each with the device and inode numbers of its ancestors.
    pending: list[tuple[str, frozenset[tuple[int, int]]]] = [("", frozenset())]
    while pending:
        relative, ancestors = pending.pop()
        folder = os.path.join(location, relative)
        try:
            status = os.stat(folder)
            entries = os.listdir(folder)
        except OSError as error:
            raise InputError(f"{printable(folder)}: cannot be read: {describe(error)}") from None
        identity = (status.st_dev, status.st_ino)
        if identity in ancestors:
            continue
        for entry in entries:
            name = f"{relative}/{entry}" if relative else entry
            if _is_hidden(name):
                continue
            if os.path.isdir(os.path.join(location, name)):
                pending.append((name, ancestors | {identity}))
            else:
                yield name
