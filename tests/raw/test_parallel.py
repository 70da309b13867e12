"""Parallel work: order of the results, errors, and the end of all worker processes."""

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
from latent.raw.parallel import run_parallel


def triple(number: int) -> int:
    return 3 * number


def own_pid(_: int) -> int:
    return os.getpid()


def end_by_signal(number: int, signal_number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal_number)
    return number


def exit_early(number: int) -> int:
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


def print_text(number: int) -> int:
    os.write(1, b"text on standard output\n")
    return number


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until a condition is true, but not longer than `seconds`; return the condition."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


@pytest.mark.parametrize("processes", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_results_are_in_order(processes: int, count: int) -> None:
    before = children()
    results = list(run_parallel(triple, range(count), processes))
    assert results == [3 * number for number in range(count)]
    assert children() == before


def test_all_processes_work() -> None:
    pids = set(run_parallel(own_pid, range(200), 3))
    assert os.getpid() not in pids
    assert len(pids) == 3
    assert set(run_parallel(own_pid, range(5), 1)) == {os.getpid()}


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGSEGV])
def test_killed_process_is_an_error(signal_number: signal.Signals) -> None:
    before = children()
    with pytest.raises(InputError, match=signal_number.name):
        list(run_parallel(partial(end_by_signal, signal_number=signal_number), range(50), 2))
    assert children() == before


def test_exited_process_is_an_error() -> None:
    with pytest.raises(InputError, match="exit code 7"):
        list(run_parallel(exit_early, range(50), 2))


@pytest.mark.parametrize("processes", [1, 2])
def test_exception_of_work_is_raised(processes: int) -> None:
    before = children()
    with pytest.raises(FileNotFoundError) as caught:
        list(run_parallel(fail, range(50), processes))
    assert caught.value.filename == "somewhere"
    assert children() == before


def test_printed_text_is_not_a_result(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(run_parallel(print_text, range(4), 2)) == [0, 1, 2, 3]
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("text on standard output") == 4


def test_close_ends_all_processes() -> None:
    before = children()
    with closing(run_parallel(triple, range(100_000), 3)) as results:
        assert next(results) == 0
        assert len(children()) == len(before) + 3
    assert children() == before


def start(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """Start a program with three waiting worker processes; return it when they are waiting."""
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


def test_interrupt_ends_all_processes(tmp_path: Path) -> None:
    program = start(tmp_path, 1000)
    os.killpg(program.pid, signal.SIGINT)  # as on Ctrl-C in a terminal
    _, errors = program.communicate(timeout=60)
    assert gone(tmp_path)
    assert errors.count("Traceback") == 1  # of the program itself
    assert errors.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
def test_worker_processes_end_after_main_process(
    tmp_path: Path, signal_number: signal.Signals
) -> None:
    program = start(tmp_path, 0.05)
    os.kill(program.pid, signal_number)
    _, errors = program.communicate(timeout=60)
    assert wait_for(lambda: gone(tmp_path))
    assert errors == ""
