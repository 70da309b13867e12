"""One of the compared implementations: a process that trains for one turn on request."""

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from typing import Any

from benchmarks.clone import ROOT, clean_environment

TIMEOUT = 10.0  # seconds


class Candidate:
    """A process that uses the protocol of `benchmarks.training.worker`.

    Args:
        command: The module and its arguments.

    Attributes:
        description: Properties of the candidate. Empty before the first turn.
        turns: Results of the turns, in order.
    """

    def __init__(self, *command: str) -> None:
        self.description: dict[str, Any] = {}
        self.turns: list[dict[str, Any]] = []
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115, see close
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def take_turn(self) -> None:
        """Let the candidate run one turn and wait for its result.

        Raises:
            ChildProcessError: The process ended. The message is its last error.
        """
        if not self.description:
            self.description = self._read()
        assert self._process.stdin
        with suppress(BrokenPipeError):  # `_read` reports the reason
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        self.turns.append(self._read())

    def close(self) -> None:
        """End the process if it is still running.

        Closing its input ends the process, which then removes its temporary files. If it does not
        end within `TIMEOUT`, it is killed. The candidate `chapter`, for example, may wait for its
        dataset for up to a minute.
        """
        try:
            self._process.communicate(timeout=TIMEOUT)  # closes its input
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if line:
            message: dict[str, Any] = json.loads(line)
            return message
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().split("\n")
        # Indented lines belong to a traceback or to the output of a compiler.
        messages = [text.strip() for text in lines if text and not text.startswith(" ")]
        raise ChildProcessError(
            messages[-1] if messages else f"exit code {self._process.returncode}"
        )
