"""Work spread over processes: all of it in order, or an error; and no process stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil
import pytest

from latent.errors import InputError
from latent.preprocess.faces.parallel import run_parallel


def triple(number: int) -> int:
    return 3 * number


def own_pid(_: int) -> int:
    return os.getpid()


def end_by_signal(number: int, which: int) -> int:
    if number == 3:
        os.kill(os.getpid(), which)
    return number


def exit_in_the_middle(number: int) -> int:
    if number == 3:
        os._exit(7)
    return number


def wait(folder: Path, seconds: float, number: int) -> int:
    (folder / f"{os.getpid()}").touch()
    time.sleep(seconds)
    return number


def fail(number: int) -> int:
    if number == 2:
        raise FileNotFoundError(2, "No such file or directory", "somewhere")
    return number


def say(number: int) -> int:
    os.write(1, b"This would be taken for an answer.\n")
    return number


def wait_for(what: Callable[[], bool], seconds: float = 30) -> bool:
    """Say whether something came true; that it does not takes this long, and fails."""
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.01)
    return what()


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


@pytest.mark.parametrize("processes", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_results_come_in_order(processes: int, count: int) -> None:
    before = children()
    results = list(run_parallel(triple, range(count), processes))
    assert results == [3 * number for number in range(count)]
    assert children() == before


def test_every_process_works() -> None:
    pids = set(run_parallel(own_pid, range(200), 3))
    assert os.getpid() not in pids
    assert len(pids) == 3
    assert set(run_parallel(own_pid, range(5), 1)) == {os.getpid()}


@pytest.mark.parametrize("which", [signal.SIGKILL, signal.SIGSEGV])
def test_process_that_dies_is_an_error(which: signal.Signals) -> None:
    before = children()
    with pytest.raises(InputError, match=which.name):
        list(run_parallel(partial(end_by_signal, which=which), range(50), 2))
    assert children() == before


def test_process_that_ends_is_an_error() -> None:
    with pytest.raises(InputError, match="exit code 7"):
        list(run_parallel(exit_in_the_middle, range(50), 2))


@pytest.mark.parametrize("processes", [1, 2])
def test_what_the_work_raises_is_raised_here(processes: int) -> None:
    before = children()
    with pytest.raises(FileNotFoundError) as caught:
        list(run_parallel(fail, range(50), processes))
    assert caught.value.filename == "somewhere"
    assert children() == before


def test_what_the_work_prints_is_no_answer(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(run_parallel(say, range(4), 2)) == [0, 1, 2, 3]
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("taken for an answer") == 4


def test_closing_ends_everything_at_once() -> None:
    before = children()
    with closing(run_parallel(triple, range(100_000), 3)) as results:
        assert next(results) == 0
        assert len(children()) == len(before) + 3
    assert children() == before


def start(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """Start a program with three processes that wait, and return it when they do."""
    script = f"""
import sys
from pathlib import Path
sys.path[:0] = {[str(Path(__file__).parent), *sys.path]!r}
from functools import partial
from test_parallel import run_parallel, wait
list(run_parallel(partial(wait, Path({str(folder)!r}), {seconds}), range(10_000), 3))
"""
    program = subprocess.Popen(
        [sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert wait_for(lambda: len(list(folder.iterdir())) == 3)
    return program


def gone(folder: Path) -> bool:
    return not any(psutil.pid_exists(int(path.name)) for path in folder.iterdir())


def test_interrupt_ends_everything_at_once(tmp_path: Path) -> None:
    program = start(tmp_path, 1000)
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does on Ctrl-C
    _, errors = program.communicate(timeout=60)
    assert gone(tmp_path)
    assert errors.count("Traceback") == 1  # that of the program itself
    assert errors.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_process_ends_with_its_task_when_nobody_waits_for_it(
    tmp_path: Path, how: signal.Signals
) -> None:
    program = start(tmp_path, 0.05)
    os.kill(program.pid, how)
    _, errors = program.communicate(timeout=60)
    assert wait_for(lambda: gone(tmp_path))
    assert errors == ""
