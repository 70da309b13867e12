"""Serves the explorer until it is interrupted."""

import contextlib
import logging
import socket
import sys
import threading
import webbrowser
from pathlib import Path

import uvicorn

from latent.errors import InputError, describe
from latent.explorer.app import create_app

ADDRESS = "127.0.0.1"  # reachable from this machine only
CLOSING_SECONDS = 1  # for answers that are being sent when the server is interrupted


class Server(uvicorn.Server):
    """A server that says when it answers, and ends quietly."""

    def __init__(self, config: uvicorn.Config, url: str, open_browser: bool) -> None:
        super().__init__(config)
        self.url = url
        self.open_browser = open_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then print the address and open the browser."""
        await super().startup(sockets)
        sys.stdout.write(f"Explorer: {self.url} (Ctrl-C stops it)\n")
        sys.stdout.flush()
        if self.open_browser:
            # Some browsers return only when they are closed.
            threading.Thread(target=webbrowser.open, args=(self.url,), daemon=True).start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections. uvicorn logs each request that this cuts off with a traceback."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def serve(root: Path, port: int, open_browser: bool) -> None:
    """Serve the explorer on 127.0.0.1 until it is interrupted with Ctrl-C.

    Args:
        root: folder of the project, with `models/` and `data/`.
        port: port of the server. 0 chooses a free one.
        open_browser: whether to open the page in the browser.

    Raises:
        InputError: the port cannot be used.
    """
    # TensorFlow takes the graphs of several models for one that is traced again and again.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with open_socket(port) as listener:
        port = listener.getsockname()[1]
        config = uvicorn.Config(
            create_app(root, port),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=CLOSING_SECONDS,
        )
        # uvicorn closes its connections, then raises the signal again.
        with contextlib.suppress(KeyboardInterrupt):
            Server(config, f"http://{ADDRESS}:{port}", open_browser).run([listener])


def open_socket(port: int) -> socket.socket:
    """Return a socket that is bound to a port of this machine.

    Raises:
        InputError: the port cannot be used.
    """
    # asyncio sends small packets at once (TCP_NODELAY) only if the protocol is named. Otherwise the
    # end of an answer waits for an acknowledgement, 40 ms on Linux.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # Connections of an earlier server that are still closing do not block the port.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise InputError(
            f"port {port}: {describe(error)}; choose another --port, or --port 0 for a free one"
        ) from None
    return listener
