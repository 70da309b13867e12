"""One of the ways that are compared: a process that works when it is told to, and else waits."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from typing import Any

from benchmarks.clone import ROOT


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
            # A user's settings of the libraries would reach some of them and not others.
            env={
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("KERAS_", "OMP_", "TF_", "TORCH"))
            },
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
        """End the process, if it runs still."""
        self._process.kill()
        with suppress(BrokenPipeError), self._process:
            pass  # closes the pipes and waits for the process
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
