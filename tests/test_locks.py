"""One process at a time where two would spoil each other's work."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from latent.errors import InputError
from latent.locks import alone

SOURCE = Path(__file__).parents[1] / "src"

# Holds what is named on the command line until its input ends.
HOLDER = """
import sys
from pathlib import Path
from latent.locks import alone
with alone(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that is at `what`."""
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


def test_a_second_process_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    with another_process(tmp_path, "train_vae faces") as process:
        with pytest.raises(InputError) as caught, alone(tmp_path, "train_vae faces"):
            pytest.fail("two at once")
        message = str(caught.value)
        assert message.startswith("train_vae faces is running already")
        assert f"kill {process.pid}" in message
        assert "\n" not in message
        # What is refused takes nothing from the one that is at it.
        with pytest.raises(InputError, match=str(process.pid)), alone(tmp_path, "train_vae faces"):
            pytest.fail("two at once")


def test_other_work_and_other_folders_are_free(tmp_path: Path) -> None:
    done = []
    with another_process(tmp_path, "train_vae faces"):
        with alone(tmp_path, "train_vae fashion"):
            done.append("other work")
        with alone(tmp_path / "new" / "folder", "train_vae faces"):
            done.append("another folder")
    assert done == ["other work", "another folder"]


def test_the_work_is_free_when_its_process_ends(tmp_path: Path) -> None:
    with another_process(tmp_path, "embed") as process:
        process.communicate()
        with alone(tmp_path, "embed"):
            pass


def test_the_work_is_free_when_its_process_is_killed(tmp_path: Path) -> None:
    with another_process(tmp_path, "embed") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with alone(tmp_path, "embed"):
            pass


def test_after_a_kill_the_process_that_is_named_is_the_new_one(tmp_path: Path) -> None:
    with another_process(tmp_path, "embed") as process:
        process.kill()
        process.wait()
    with another_process(tmp_path, "embed") as process:
        with pytest.raises(InputError) as caught, alone(tmp_path, "embed"):
            pytest.fail("two at once")
        assert f"kill {process.pid}`" in str(caught.value)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_work_is_free_when_its_block_fails(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), alone(tmp_path, "embed"):
        raise error
    with alone(tmp_path, "embed"):
        pass
    assert list(tmp_path.glob("*.pid")) == []


def test_any_words_make_a_lock(tmp_path: Path) -> None:
    with alone(tmp_path, "a/b: ../c" * 100):
        assert all(path.parent == tmp_path for path in tmp_path.rglob("*"))
