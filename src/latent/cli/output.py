"""Where a command writes its result: a file, written whole or not at all, or standard output."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from latent.errors import InputError, describe
from latent.io.files import whole_file

STANDARD_OUTPUT = Path("-")


def check_output(path: Path, endings: Sequence[str]) -> Path:
    """Return `path` if a result can be written to it. Called before anything is computed.

    Args:
        path: a file, or "-" for standard output.
        endings: the allowed endings of a file's name, such as ".png".

    Raises:
        InputError: the name has another ending, the folder does not exist, or standard output is a
            terminal.
    """
    if path == STANDARD_OUTPUT:
        if sys.stdout.isatty():
            raise InputError(
                "-o -: standard output is a terminal; redirect it to a file or into a pipe"
            )
        return path
    if path.suffix.lower() not in endings:
        raise InputError(f"{path}: the name must end with {' or '.join(endings)}")
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist; create it first")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file")
    return path


@contextmanager
def open_output(path: Path) -> Iterator[Path]:
    """Yield a path to write the result to. If the block succeeds, the result replaces `path`.

    Raises:
        InputError: the result cannot be written.
    """
    if path == STANDARD_OUTPUT:
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder) / "output"
            yield temporary
            try:
                with temporary.open("rb") as file:
                    shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.flush()
            except BrokenPipeError:
                raise  # Typer ends quietly
            except OSError as error:
                raise InputError(f"standard output: {describe(error)}") from None
        return
    # A symbolic link stays, and the file that it leads to is replaced.
    target = Path(os.path.realpath(path))
    try:
        with whole_file(target) as temporary:
            yield temporary
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {describe(error)}") from None


def report(path: Path, content: str) -> None:
    """Say on standard error what was written. Nothing is said of standard output."""
    if path != STANDARD_OUTPUT:
        sys.stderr.write(f"{path}: {content}\n")
