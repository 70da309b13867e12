"""Work that is spread over processes which end when this one does, however it ends.

A pool of the standard library imports the program's main module in each process, leaves processes
behind when this one is killed, and prints a traceback for each on Ctrl-C. Here a thread drives each
process over two pipes, at whose end both sides see that the other is gone. What goes through them
is pickled and unpickled by this module on both sides, and by nobody else.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from latent.errors import InputError

Task = TypeVar("Task")
Result = TypeVar("Result")
Process = subprocess.Popen[bytes]

SERVE = f"from {__name__} import serve; serve()"


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_parallel(
    work: Callable[[Task], Result], tasks: Sequence[Task], processes: int
) -> Generator[Result]:
    """Yield `work(task)` for each task, in order; close the iterator to end all processes at once.

    Args:
        work: can be pickled, and depends on its argument alone.
        tasks: can be pickled.
        processes: how many work at a time; one is this process itself.

    Raises:
        InputError: a process was ended from outside, as for lack of memory.
        Exception: what `work` raised.
    """
    if processes == 1:
        yield from map(work, tasks)
        return
    started = [_start(work) for _ in range(processes)]
    idle: SimpleQueue[Process] = SimpleQueue()
    for process in started:
        idle.put(process)

    def ask_one(task: Task) -> Result:
        process = idle.get()
        try:
            result: Result = _ask(process, task)
        finally:
            idle.put(process)
        return result

    threads = ThreadPoolExecutor(processes)
    try:
        yield from threads.map(ask_one, tasks)
    finally:
        for process in started:
            process.kill()
        threads.shutdown(cancel_futures=True)
        for process in started:
            with suppress(BrokenPipeError), process:
                pass  # closes the pipes and waits for the process


def serve() -> None:
    """Answer the tasks that come through standard input, until it ends."""
    # What a library might print must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    answer: tuple[Any, Exception | None]
    os.dup2(2, 1)
    work = pickle.load(sys.stdin.buffer)
    with suppress(EOFError, BrokenPipeError):
        while True:
            task = pickle.load(sys.stdin.buffer)
            try:
                answer = work(task), None
            except Exception as error:
                answer = None, error
            _send(answers, answer)
    # Without the attempt to send what nobody reads any more.
    os._exit(0)


def _start(work: Callable[[Task], Any]) -> Process:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "OPENBLAS_NUM_THREADS": "1",  # which take memory and have nothing to do here
        },
        # So that Ctrl-C reaches this process alone, which then ends that one.
        start_new_session=True,
    )
    with suppress(BrokenPipeError):  # found out by the first task
        _send(process.stdin, work)
    return process


def _ask(process: Process, task: Any) -> Any:
    try:
        _send(process.stdin, task)
        result, error = pickle.load(process.stdout)  # type: ignore[arg-type]
    except (BrokenPipeError, EOFError, pickle.UnpicklingError):
        code = process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        raise InputError(
            f"one of the processes that share the work was ended from outside ({how}), as happens "
            "when memory runs out"
        ) from None
    if error is not None:
        raise error
    return result


def _send(pipe: Any, message: Any) -> None:
    pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()
