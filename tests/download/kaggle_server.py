"""What Kaggle's client meets in tests: a server that speaks its endpoints, and fails on demand."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

API = "/api/v1/"
DOWNLOAD = f"{API}datasets.DatasetApiService/DownloadDataset"
INTROSPECT = f"{API}security.OAuthService/IntrospectToken"
SIGNATURE = "signature-of-an-address"


@dataclass
class Asked:
    """A request that arrived."""

    path: str
    body: dict[str, object]
    key: str
    range: str


@dataclass
class Plan:
    """What the server answers.

    Attributes:
        content: of the file.
        checks: status of the answer to the client's question whether a key is valid.
        status: of the answer to the client's question for the file; 200 leads to it.
        message: of an answer that is an error.
        announced: what the length of the file is said to be; None for what it is.
        kind: type of the file's content.
        cuts: after how many bytes of the file the connection ends, for one request after the other.
        stalls: after how many bytes nothing follows any more, likewise.
        pause: seconds between two pieces of the file.
        etag: of the file.
    """

    content: bytes = b""
    checks: int = 200
    status: int = 200
    message: str = ""
    announced: int | None = None
    kind: str = "application/zip"
    cuts: list[int] = field(default_factory=list)
    stalls: list[int] = field(default_factory=list)
    pause: float = 0.0
    etag: str = '"one"'


class Handler(BaseHTTPRequestHandler):
    """Answers as a `Server` has planned."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        plan = self.server.plan
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        path = self._note(body)
        if path == INTROSPECT:
            self._json(plan.checks, {"active": True, "username": "somebody"})
        elif path != DOWNLOAD:
            self._json(404, {"code": 404, "message": f"no {path}"})
        elif plan.status == 200:
            self.send_response(302)
            self.send_header("Location", f"http://localhost/files/archive.zip?by={SIGNATURE}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._json(plan.status, {"code": plan.status, "message": plan.message})

    def do_GET(self) -> None:
        plan = self.server.plan
        self._note({})
        start = 0
        asked = self.headers.get("Range", "")
        if asked and self.headers.get("If-Range", plan.etag) == plan.etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        length = len(plan.content) if plan.announced is None else plan.announced
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", plan.kind)
        self.send_header("Content-Length", str(length - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", plan.etag)
        self.send_header("Last-Modified", "Sun, 22 Jul 2018 12:00:00 GMT")
        self.end_headers()
        cut = plan.cuts.pop(0) if plan.cuts else None
        stall = plan.stalls.pop(0) if plan.stalls else None
        end = next((end for end in (cut, stall) if end is not None), len(plan.content))
        for piece in range(start, end, 1 << 16):
            self.wfile.write(plan.content[piece : min(piece + (1 << 16), end)])
            time.sleep(plan.pause)
        if stall is not None:
            self.server.closing.wait()
        if cut is not None or stall is not None or length != len(plan.content):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _note(self, body: dict[str, object]) -> str:
        path = urlsplit(self.path).path
        key, given = self.headers.get("Authorization", ""), self.headers.get("Range", "")
        self.server.asked.append(Asked(path, body, key, given))
        return path

    def _json(self, status: int, content: dict[str, object]) -> None:
        encoded = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


class Server(ThreadingHTTPServer):
    """The server, which the client reaches as a proxy."""

    daemon_threads = True

    def __init__(self, plan: Plan) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan = plan
        self.asked: list[Asked] = []
        self.closing = threading.Event()

    @property
    def environment(self) -> dict[str, str]:
        """What leads the client here, as it is."""
        address = f"http://127.0.0.1:{self.server_port}"
        proxies = {"http_proxy": address, "no_proxy": "", "NO_PROXY": ""}
        return {"KAGGLE_API_ENVIRONMENT": "LOCALHOST", **proxies}

    @property
    def ranges(self) -> list[str]:
        """From where on the file was asked for, one request after the other."""
        return [asked.range for asked in self.asked if asked.path.startswith("/files/")]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def serve(plan: Plan) -> Iterator[Server]:
    """Run a server, on a free port of this machine."""
    with Server(plan) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
