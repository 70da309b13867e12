"""The reasons of exceptions, as messages contain them."""

import io
import shutil
import zlib
from pathlib import Path

import pytest
from PIL import Image, UnidentifiedImageError

from latent.errors import describe


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.zip"), "No such file or directory"),
        (OSError("Truncated File Read"), "Truncated File Read"),
        (shutil.SpecialFileError("`x` is a named pipe"), "`x` is a named pipe"),
        (OSError(), "OSError"),
        (MemoryError(), "MemoryError"),
        (EOFError(), "EOFError"),
        (zlib.error("Error -3:\n  invalid block"), "Error -3: invalid block"),
        (ValueError(b"<x> at 0"), "b'<x> at 0'"),
    ],
)
def test_reason_is_one_line_and_never_empty(error: BaseException, reason: str) -> None:
    assert describe(error) == reason


def test_reason_does_not_contain_an_address() -> None:
    with pytest.raises(UnidentifiedImageError) as caught:
        Image.open(io.BytesIO(b"no image"))
    assert " at 0x" in str(caught.value)
    assert describe(caught.value) == "cannot identify image file"


def test_reason_does_not_contain_the_path(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing") as caught:
        (tmp_path / "missing").read_bytes()
    assert describe(caught.value) == "No such file or directory"
