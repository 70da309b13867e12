"""Locks that keep two processes from doing the same work at once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from latent.errors import InputError
from latent.locks import exclusive

SOURCE = Path(__file__).parents[1] / "src"

# Holds the lock named on the command line until the standard input is closed.
HOLDER = """
import sys
from pathlib import Path
from latent.locks import exclusive
with exclusive(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that holds the lock `what`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), what],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_a_second_process_is_refused_with_the_id_of_the_first(tmp_path: Path) -> None:
    with another_process(tmp_path, "train_vae faces") as process:
        with pytest.raises(InputError) as caught, exclusive(tmp_path, "train_vae faces"):
            pytest.fail("two processes hold the lock")
        message = str(caught.value)
        assert message.startswith(f"train_vae faces is already running as process {process.pid}: ")
        assert f"kill {process.pid}" in message
        assert "\n" not in message
        # The refusal does not release the lock of the first process.
        with (
            pytest.raises(InputError, match=str(process.pid)),
            exclusive(tmp_path, "train_vae faces"),
        ):
            pytest.fail("two processes hold the lock")


def test_other_work_and_other_folders_are_not_locked(tmp_path: Path) -> None:
    done = []
    with another_process(tmp_path, "train_vae faces"):
        with exclusive(tmp_path, "train_vae fashion"):
            done.append("other work")
        with exclusive(tmp_path / "new" / "folder", "train_vae faces"):
            done.append("another folder")
    assert done == ["other work", "another folder"]


def test_the_lock_is_released_when_its_process_ends(tmp_path: Path) -> None:
    with another_process(tmp_path, "embed") as process:
        process.communicate()
        with exclusive(tmp_path, "embed"):
            pass


def test_the_lock_is_released_when_its_process_is_killed(tmp_path: Path) -> None:
    with another_process(tmp_path, "embed") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with exclusive(tmp_path, "embed"):
            pass


def test_after_a_kill_the_message_names_the_new_process(tmp_path: Path) -> None:
    with another_process(tmp_path, "embed") as process:
        process.kill()
        process.wait()
    with another_process(tmp_path, "embed") as process:
        with pytest.raises(InputError) as caught, exclusive(tmp_path, "embed"):
            pytest.fail("two processes hold the lock")
        assert f"kill {process.pid}`" in str(caught.value)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_lock_is_released_when_the_block_raises(
    tmp_path: Path, error: type[BaseException]
) -> None:
    with pytest.raises(error), exclusive(tmp_path, "embed"):
        raise error
    with exclusive(tmp_path, "embed"):
        pass
    assert list(tmp_path.glob("*.pid")) == []


def test_any_text_can_name_a_lock(tmp_path: Path) -> None:
    with exclusive(tmp_path, "a/b: ../c" * 100):
        assert all(path.parent == tmp_path for path in tmp_path.rglob("*"))
