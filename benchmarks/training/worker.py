"""The candidate's side of the protocol: it runs one turn per request of the benchmark."""

import json
import os
import sys
import time
from typing import Any


class Worker:
    """Receives requests on standard input and writes results to standard output, one per line.

    The output of libraries is redirected to standard error, so that it does not mix with the
    results.
    """

    def __init__(self) -> None:
        sys.stdout.flush()
        self._output = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._start = self._seconds = 0.0

    def describe(self, **description: Any) -> None:
        """Send the properties of the candidate, before the first turn."""
        self._send(description)

    def begin(self) -> None:
        """Wait for a request and start the clock.

        Raises:
            SystemExit: There are no more requests.
        """
        if not sys.stdin.readline():
            sys.exit()
        self._start = time.perf_counter()

    def stop(self) -> None:
        """Stop the clock."""
        self._seconds = time.perf_counter() - self._start

    def report(self, **result: Any) -> None:
        """Send the seconds between `begin` and `stop` and the result of the turn."""
        self._send({"seconds": self._seconds, **result})

    def _send(self, message: dict[str, Any]) -> None:
        self._output.write(json.dumps(message) + "\n")
        self._output.flush()
