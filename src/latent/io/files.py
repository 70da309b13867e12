"""Atomic writing of files and folders, locations of files, JSON files and checksums."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from latent.errors import InputError, describe


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder, which replaces `path` if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.partial")
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder next to `path`, which replaces it if the block succeeds.

    The incomplete folder of an earlier process that was killed is removed first.
    """
    temporary = path.with_name(f".{path.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        shutil.rmtree(path, ignore_errors=True)
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def resolve_location(location: str, root: Path) -> Path:
    """Return the path of a file or folder in params.yaml, which may be relative or begin with ~.

    Args:
        location: the path; ~ is the user's home folder.
        root: folder that a relative path is relative to.
    """
    return root / os.path.expanduser(location)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` atomically as indented JSON, with its keys in the given order."""
    with whole_file(path) as temporary:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file that a stage wrote.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {describe(error)}") from None
    return content


def sha256(*paths: Path) -> str:
    """Return the SHA-256 of the concatenated contents of the files, as hexadecimal digits."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            hashlib.file_digest(file, lambda: digest)  # updates the digest
    return digest.hexdigest()
