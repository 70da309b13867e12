"""A line to MLflow that cannot hold up what it tells of."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

Action = Callable[[], object]


class Link:
    """Does what it is given in order, in a thread of its own, until one of it fails.

    A stage so waits for no answer while it computes; and where it waits, at its start and at its
    end, it waits for as long as it chooses, for the thread does not keep the process alive.

    Args:
        lose: told of the first failure, if any; nothing is done after it.
    """

    def __init__(self, lose: Callable[[BaseException], None]) -> None:
        self._lose = lose
        self._lost = threading.Lock()
        self._queue: SimpleQueue[tuple[Action, threading.Event]] = SimpleQueue()
        threading.Thread(target=self._work, name="mlflow", daemon=True).start()

    def post(self, action: Action) -> threading.Event:
        """Have `action` done after all that was posted before; return what is set afterwards."""
        done = threading.Event()
        self._queue.put((action, done))
        return done

    def wait(self, seconds: float) -> None:
        """Wait until all that was posted is done; an answer that takes longer is a failure."""
        if not self.post(lambda: None).wait(seconds):
            self._break(TimeoutError(f"no answer within {seconds:g} seconds"))

    def _work(self) -> None:
        while True:
            action, done = self._queue.get()
            if not self._lost.locked():
                try:
                    action()
                # Whatever it is: what MLflow looks on at must not end by it.
                except BaseException as error:
                    self._break(error)
            done.set()

    def _break(self, error: BaseException) -> None:
        # Both threads may come here; the first one tells.
        if self._lost.acquire(blocking=False):
            self._lose(error)
