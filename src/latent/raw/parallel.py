"""A process pool whose worker processes always end when the main process ends.

The pools of the standard library import the main module of the program in each worker process,
leave worker processes behind if the main process is killed, and print one traceback per worker
process on Ctrl-C. Here, a thread controls each worker process through two pipes. If one side ends,
the other side reads the end of its pipe and ends too. Only this module writes to the pipes and
reads from them, so unpickling the messages is safe.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
    """Yield `work(task)` for each task, in order. Closing the generator kills all worker processes.

    Args:
        work: picklable function whose result depends only on its argument.
        tasks: picklable arguments.
        processes: number of worker processes; with 1, this process does the work itself.

    Raises:
        InputError: a worker process was killed, for example because memory ran out.
        Exception: any exception that `work` raises.
    """
    if processes == 1:
        yield from map(work, tasks)
        return
    started = [_start(work) for _ in range(processes)]
    idle: SimpleQueue[Process] = SimpleQueue()
    for process in started:
        idle.put(process)

    def run_task(task: Task) -> Result:
        process = idle.get()
        try:
            result: Result = _request(process, task)
        finally:
            idle.put(process)
        return result

    threads = ThreadPoolExecutor(processes)
    pending: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            pending.append(threads.submit(run_task, task))
            if len(pending) > 2 * processes:  # limits the number of results in memory
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for process in started:
            process.kill()
        threads.shutdown(cancel_futures=True)
        for process in started:
            with suppress(BrokenPipeError), process:
                pass  # closes the pipes and waits for the process


def serve() -> None:
    """Run the tasks that arrive on standard input until it ends, in a worker process."""
    # Results use a copy of standard output. Text that a library prints goes to standard error.
    results = os.fdopen(os.dup(1), "wb")
    result: tuple[Any, Exception | None]
    os.dup2(2, 1)
    work = pickle.load(sys.stdin.buffer)
    with suppress(EOFError, BrokenPipeError):
        while True:
            task = pickle.load(sys.stdin.buffer)
            try:
                result = work(task), None
            except Exception as error:
                result = None, error
            _send(results, result)
    # A normal exit would try to flush the remaining output into the closed pipe.
    os._exit(0)


def _start(work: Callable[[Task], Any]) -> Process:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "OPENBLAS_NUM_THREADS": "1",  # its threads would use memory without being needed
        },
        # Ctrl-C must only interrupt the main process, which then kills the worker processes.
        start_new_session=True,
    )
    with suppress(BrokenPipeError):  # the first request reports the error
        _send(process.stdin, work)
    return process


def _request(process: Process, task: Any) -> Any:
    try:
        _send(process.stdin, task)
        result, error = pickle.load(process.stdout)  # type: ignore[arg-type]
    except (BrokenPipeError, EOFError, pickle.UnpicklingError):
        code = process.wait()
        cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        raise InputError(
            f"a worker process ended unexpectedly ({cause}); the memory may be exhausted"
        ) from None
    if error is not None:
        raise error
    return result


def _send(pipe: Any, message: Any) -> None:
    pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()
