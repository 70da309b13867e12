"""One of the ways that are compared: a process that works when it is told to, and else waits."""

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from typing import Any

from benchmarks.clone import ROOT, clean_environment

PATIENCE = 10.0  # seconds


class Candidate:
    """A process of a module that talks as `benchmarks.training.worker` does.

    Args:
        words: the module and its command line.

    Attributes:
        about: what the candidate says of itself, from its first turn on.
        turns: its answers, in order.
    """

    def __init__(self, *words: str) -> None:
        self.about: dict[str, Any] = {}
        self.turns: list[dict[str, Any]] = []
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115, see close
        self._process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def take_turn(self) -> None:
        """Let the candidate work once, and wait for it.

        Raises:
            ChildProcessError: it ended; says why.
        """
        if not self.about:
            self.about = self._read()
        assert self._process.stdin
        with suppress(BrokenPipeError):  # reading says why
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        self.turns.append(self._read())

    def close(self) -> None:
        """End the process, if it runs still.

        Told that there are no more turns, it ends by itself and removes its temporary files. It is
        killed if it does not: the chapter's may wait for a minute for its data set to end.
        """
        try:
            self._process.communicate(timeout=PATIENCE)  # which closes its input
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
        # The last line that is no part of a traceback's or a compiler's listing.
        told = [text.strip() for text in lines if text and not text.startswith(" ")]
        raise ChildProcessError(told[-1] if told else f"exit code {self._process.returncode}")
