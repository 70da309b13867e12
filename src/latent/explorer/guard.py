"""Answers only the explorer's own page, and adds headers that protect it.

Every page that is open in the browser can send requests to a server on the same machine. A foreign
page is recognised by the headers Origin and Sec-Fetch-Site, which pages cannot forge. A page whose
host name was redirected to 127.0.0.1 (DNS rebinding) is recognised by the header Host.
"""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from latent.explorer.upload import limited

HOSTS = ("127.0.0.1", "localhost")

# `connect-src` and the others follow `default-src`. The page draws images on canvases, so that it
# needs no images from data: or blob: addresses.
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Photos and what is computed from them must not stay in the browser's cache.
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware that rejects requests of other pages, and those that are too long."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        """Wrap `app`, which is served on `port`."""
        self.app = app
        self.hosts = {f"{host}:{port}" for host in HOSTS}
        if port == 80:  # browsers leave the default port out
            self.hosts |= set(HOSTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or reject it with status 403."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        reason = self.objection(headers, scope["path"])
        app = self.app if reason is None else JSONResponse({"error": reason}, 403)
        await app(scope, limited(headers, receive), send_with_headers)

    def objection(self, headers: Mapping[str, str], path: str) -> str | None:
        """Return why a request is rejected, or None if it is not."""
        if headers.get("host") not in self.hosts:
            return f"Host: not the explorer; open http://{min(self.hosts)}"
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in self.hosts}:
            return "Origin: only the explorer's own page may send requests"
        # A link on another page may lead to the explorer. It cannot read or change anything.
        is_link = path == "/" and headers.get("sec-fetch-dest") == "document"
        site = headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none") and not is_link:
            return "Sec-Fetch-Site: only the explorer's own page may send requests"
        return None
