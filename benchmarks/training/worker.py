"""How a candidate takes its turns, in a process that stays: the benchmark says go, it answers."""

import json
import os
import sys
import time
from typing import Any


class Worker:
    """The candidate's end of two pipes, on which each message is a line.

    What libraries print goes to standard error from here on, so that it is not among the answers.
    """

    def __init__(self) -> None:
        sys.stdout.flush()
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._began = self._seconds = 0.0

    def introduce(self, **about: Any) -> None:
        """Tell what the candidate is, once it is built."""
        self._answer(about)

    def begin(self) -> None:
        """Wait for a turn, and start the clock.

        Raises:
            SystemExit: there are no more.
        """
        if not sys.stdin.readline():
            sys.exit()
        self._began = time.perf_counter()

    def stop(self) -> None:
        """Stop the clock."""
        self._seconds = time.perf_counter() - self._began

    def tell(self, **result: Any) -> None:
        """Answer with the seconds between `begin` and `stop`, and the turn's result."""
        self._answer({"seconds": self._seconds, **result})

    def _answer(self, message: dict[str, Any]) -> None:
        self._answers.write(json.dumps(message) + "\n")
        self._answers.flush()
