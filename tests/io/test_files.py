"""Atomic writing of files and folders, JSON files and checksums."""

import hashlib
import json
import math
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from latent.errors import InputError
from latent.io.files import read_json, sha256, whole_file, whole_folder, write_json

SOURCE = Path(__file__).parents[1] / "src"

Writer = Callable[[Path], AbstractContextManager[Path]]

# Writes a file or a folder, and kills its own process before the end.
KILLED = """
import os, signal, sys
from pathlib import Path
from latent.io.files import whole_file, whole_folder
kind, path = sys.argv[1], Path(sys.argv[2])
with (whole_file if kind == "file" else whole_folder)(path) as temporary:
    target = temporary if kind == "file" else temporary / "half.txt"
    target.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_while_writing(kind: str, path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", KILLED, kind, str(path)],
        env={"PYTHONPATH": str(SOURCE)},
        check=False,
    )
    assert finished.returncode == -signal.SIGKILL


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_file_appears_at_end_of_block(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "file.txt"
    with whole_file(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.parent == path.parent  # on the same file system
    assert path.read_text() == "new"
    assert names(path.parent) == ["file.txt"]


def test_file_is_replaced_at_end_of_block(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with whole_file(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_folder_appears_at_end_of_block(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder"
    with whole_folder(path) as temporary:
        (temporary / "file.txt").write_text("new")
        assert not path.exists()
    assert names(path) == ["file.txt"]
    assert names(path.parent) == ["folder"]


def test_folder_is_replaced_completely(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old.txt").write_text("old")
    with whole_folder(path) as temporary:
        assert names(temporary) == []
        (temporary / "new.txt").write_text("new")
        assert names(path) == ["old.txt"]
    assert names(path) == ["new.txt"]
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failure_keeps_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(error), whole_file(path) as temporary:
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failure_keeps_old_folder(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old.txt").write_text("old")
    with pytest.raises(error), whole_folder(path) as temporary:
        (temporary / "half.txt").write_text("half")
        raise error
    assert names(path) == ["old.txt"]
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("write", [whole_file, whole_folder])
def test_failure_leaves_no_temporary_files(tmp_path: Path, write: Writer) -> None:
    with pytest.raises(ValueError, match="failure"), write(tmp_path / "new"):
        raise ValueError("failure")
    assert names(tmp_path) == []


def test_block_that_writes_no_file_fails(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), whole_file(path):
        pass
    assert path.read_text() == "old"


def test_incomplete_file_of_killed_process_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    kill_while_writing("file", path)
    assert not path.exists()
    assert names(tmp_path) != []  # the incomplete file
    with whole_file(path) as temporary:
        assert not temporary.exists()
        temporary.write_text("new")
    assert names(tmp_path) == ["file.txt"]
    assert path.read_text() == "new"


def test_incomplete_folder_of_killed_process_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    kill_while_writing("folder", path)
    assert not path.exists()
    assert names(tmp_path) != []  # the incomplete folder
    with whole_folder(path) as temporary:
        (temporary / "new.txt").write_text("new")
    assert names(tmp_path) == ["folder"]
    assert names(path) == ["new.txt"]


def test_json_keeps_order_of_keys_and_unicode(tmp_path: Path) -> None:
    path = tmp_path / "metrics" / "file.json"
    write_json(path, {"b": 1, "a": [0.5, None], "β": "×"})
    text = path.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert "β" in text
    assert list(json.loads(text).items()) == [("b", 1), ("a", [0.5, None]), ("β", "×")]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_rejected(tmp_path: Path, number: float) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"loss": 1.0})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"loss": number})
    assert json.loads(path.read_text()) == {"loss": 1.0}
    assert names(tmp_path) == ["file.json"]


def test_json_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    content = {"b": 1, "a": [0.1, None], "β": "×", "c": {"d": 1e-300}}
    write_json(path, content)
    assert read_json(path) == content
    assert list(read_json(path)) == list(content)


@pytest.mark.parametrize("content", [None, b"", b'{"loss": 1', b"\xff\xfe", b"no JSON"])
def test_missing_or_damaged_json_is_rejected(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_json(path)
    assert str(caught.value).startswith(f"{path}: cannot be read")
    assert "\n" not in str(caught.value)


def test_sha256_of_concatenated_files(tmp_path: Path) -> None:
    # Example of FIPS 180-4.
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    first, second = tmp_path / "first", tmp_path / "second"
    contents = b"abc" * 500_000, b"def" * 500_000  # more than one buffer
    first.write_bytes(contents[0])
    second.write_bytes(contents[1])
    expected = hashlib.sha256(b"".join(contents)).hexdigest()
    assert sha256(first, second) == expected
    assert sha256(second, first) != expected
