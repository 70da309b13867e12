"""Locks that keep two processes from doing the same work at once."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from latent.errors import InputError
from latent.locks import exclusive, in_turn

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


# Waits for its turn, and then prints whether other processes wait.
WAITER = """
import logging, sys
from pathlib import Path
from latent.locks import in_turn
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
with in_turn(Path(sys.argv[1]), sys.argv[2]) as others_wait:
    print(others_wait(), flush=True)
"""


def start_waiter(folder: Path, what: str) -> subprocess.Popen[str]:
    """Return a process that waits for its turn, and check that it logs one line."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAITER, str(folder), what],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == f"Waiting for process {os.getpid()}, which runs the same {what}\n"
    return process


def test_processes_take_turns_and_know_whether_others_wait(tmp_path: Path) -> None:
    with in_turn(tmp_path, "training") as others_wait:
        assert not others_wait()
        assert not others_wait()  # asking changes nothing
        waiters = [start_waiter(tmp_path, "training") for _ in range(2)]
        assert others_wait()
        assert others_wait()
        assert [waiter.poll() for waiter in waiters] == [None, None]
    outputs = [waiter.communicate() for waiter in waiters]
    # Either of the two may be the last.
    assert sorted(outputs) == [("False\n", ""), ("True\n", "")]


def test_nothing_is_logged_without_a_wait(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with in_turn(tmp_path, "training"), in_turn(tmp_path, "other training"):
        pass
    assert caplog.messages == []


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_stopped_no_longer_waits(tmp_path: Path, stop: signal.Signals) -> None:
    with in_turn(tmp_path, "training") as others_wait:
        waiter = start_waiter(tmp_path, "training")
        waiter.send_signal(stop)
        output, errors = waiter.communicate()
        assert output == ""
        assert waiter.returncode == -stop
        assert ("KeyboardInterrupt" in errors) == (stop is signal.SIGINT)
        assert not others_wait()
