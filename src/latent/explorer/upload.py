"""Limits what is held in memory of a request."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

MAX_UPLOAD = 20_000_000  # bytes


def limited(headers: Mapping[str, str], receive: Receive) -> Receive:
    """Return a function like `receive` that ends a request whose body is too long.

    It does so at once if the headers say how long the body is, and else when the limit is reached.

    Raises:
        HTTPException: the body is longer than MAX_UPLOAD. Status 413.
    """
    length = headers.get("content-length", "")
    announced = int(length) if length.isdecimal() else 0
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        if announced > MAX_UPLOAD:
            raise _too_long()
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_UPLOAD:
            raise _too_long()
        return message

    return receive_some


def _too_long() -> HTTPException:
    return HTTPException(
        413, f"request: more than {MAX_UPLOAD // 10**6} MB; choose a smaller photo"
    )
