"""A worker thread for calls to MLflow, which must not delay or end the stage."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

Action = Callable[[], object]


class BackgroundWorker:
    """Calls functions in a daemon thread, in the order of submission, until one of them fails.

    The caller decides where and for how long it waits. The thread does not keep the process alive,
    as that of a `ThreadPoolExecutor` would.

    Args:
        on_failure: called with the first error. The worker skips later actions, except those that
            were submitted with `always`.
    """

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        self._on_failure = on_failure
        self._failed = threading.Lock()
        self._queue: SimpleQueue[tuple[Action, bool, threading.Event]] = SimpleQueue()
        threading.Thread(target=self._work, name="mlflow", daemon=True).start()

    def submit(self, action: Action, *, always: bool = False) -> threading.Event:
        """Queue `action`, and return an event that is set when it was called or skipped.

        Args:
            action: the function to call.
            always: call it even after a failure.
        """
        done = threading.Event()
        self._queue.put((action, always, done))
        return done

    def wait(self, seconds: float) -> None:
        """Wait for all submitted actions. If they take longer than `seconds`, that is a failure."""
        if not self.submit(lambda: None).wait(seconds):
            self._fail(TimeoutError(f"no answer within {seconds:g} seconds"))

    def _work(self) -> None:
        while True:
            action, always, done = self._queue.get()
            if always or not self._failed.locked():
                try:
                    action()
                # Not even SystemExit may end this thread: callers wait for its events.
                except BaseException as error:
                    self._fail(error)
            done.set()

    def _fail(self, error: BaseException) -> None:
        # Both threads may call this. Only the first failure is reported.
        if self._failed.acquire(blocking=False):
            self._on_failure(error)
