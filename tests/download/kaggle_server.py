"""A server with the endpoints of Kaggle's API that fails on demand, for tests of the client."""

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
SIGNATURE = "signature-of-a-url"


@dataclass
class Request:
    """A received request."""

    path: str
    body: dict[str, object]
    key: str
    range: str


@dataclass
class Plan:
    """The responses of the server.

    Attributes:
        content: content of the file.
        key_status: HTTP status of the response to the check of an API key.
        status: HTTP status of the response to the request for the file; 200 for a redirect to it.
        message: message of an error response.
        declared_size: declared size of the file in bytes; None for the actual size.
        content_type: content type of the file.
        cuts: for each request of the file, the position in bytes at which the connection ends.
        stalls: for each request of the file, the position at which the server stops sending.
        pause: seconds between two parts of the file.
        etag: ETag header of the file.
    """

    content: bytes = b""
    key_status: int = 200
    status: int = 200
    message: str = ""
    declared_size: int | None = None
    content_type: str = "application/zip"
    cuts: list[int] = field(default_factory=list)
    stalls: list[int] = field(default_factory=list)
    pause: float = 0.0
    etag: str = '"one"'


class Handler(BaseHTTPRequestHandler):
    """Request handler that answers according to the plan of a `Server`."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        plan = self.server.plan
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        path = self._record(body)
        if path == INTROSPECT:
            self._json(plan.key_status, {"active": True, "username": "user"})
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
        self._record({})
        start = 0
        requested = self.headers.get("Range", "")
        if requested and self.headers.get("If-Range", plan.etag) == plan.etag:
            start = int(requested.removeprefix("bytes=").removesuffix("-"))
        length = len(plan.content) if plan.declared_size is None else plan.declared_size
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", plan.content_type)
        self.send_header("Content-Length", str(length - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", plan.etag)
        self.send_header("Last-Modified", "Sun, 22 Jul 2018 12:00:00 GMT")
        self.end_headers()
        cut = plan.cuts.pop(0) if plan.cuts else None
        stall = plan.stalls.pop(0) if plan.stalls else None
        end = next((end for end in (cut, stall) if end is not None), len(plan.content))
        for position in range(start, end, 1 << 16):
            self.wfile.write(plan.content[position : min(position + (1 << 16), end)])
            time.sleep(plan.pause)
        if stall is not None:
            self.server.closing.wait()
        if cut is not None or stall is not None or length != len(plan.content):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""

    def _record(self, body: dict[str, object]) -> str:
        path = urlsplit(self.path).path
        key, span = self.headers.get("Authorization", ""), self.headers.get("Range", "")
        self.server.requests.append(Request(path, body, key, span))
        return path

    def _json(self, status: int, content: dict[str, object]) -> None:
        encoded = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


class Server(ThreadingHTTPServer):
    """The server. The client uses it as a proxy."""

    daemon_threads = True

    def __init__(self, plan: Plan) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan = plan
        self.requests: list[Request] = []
        self.closing = threading.Event()

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make an unmodified client use this server."""
        address = f"http://127.0.0.1:{self.server_port}"
        proxies = {"http_proxy": address, "no_proxy": "", "NO_PROXY": ""}
        return {"KAGGLE_API_ENVIRONMENT": "LOCALHOST", **proxies}

    @property
    def ranges(self) -> list[str]:
        """The Range header of each request for the file."""
        return [request.range for request in self.requests if request.path.startswith("/files/")]

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that close the connection."""


@contextmanager
def serve(plan: Plan) -> Iterator[Server]:
    """Run a server on a free port of localhost."""
    with Server(plan) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
