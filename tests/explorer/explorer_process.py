"""Runs the explorer as a process of its own, and sends it requests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

SERVE = """
import sys
from pathlib import Path
from latent.explorer.serve import serve
serve(Path(sys.argv[1]), int(sys.argv[2]), open_browser=sys.argv[3] == "browser")
"""
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """The answer to a request."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def error(self) -> str:
        """The message of an answer that is an error: one line."""
        message = str(self.json()["error"])
        assert self.status >= 400
        assert len(message.splitlines()) == 1
        return message


@dataclass(frozen=True)
class Explorer:
    """A running explorer."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send bytes or an iterable as they are, and everything else as JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        if isinstance(body, dict):
            body, headers = json.dumps(body), {**JSON, **(headers or {})}
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, None, headers)

    def post(self, path: str, body: Any) -> Answer:
        return self.request("POST", path, body)


@contextmanager
def run_explorer(
    root: Path, *, browser: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[Explorer]:
    """Yield an explorer of the project in `root`, on a free port."""
    # `latent.models` sets it, and would take an inherited value for the user's.
    inherited = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(root), "0", "browser" if browser else "none"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**inherited, **(environment or {})},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Explorer: http://127.0.0.1:"), process.communicate()[1]
        yield Explorer(process, int(line.split()[1].rpartition(":")[2]))
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate()
