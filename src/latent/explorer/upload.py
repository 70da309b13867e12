"""Reads uploaded files within a limit, into memory only."""

from fastapi import Request
from starlette.exceptions import HTTPException

MAX_UPLOAD = 20_000_000  # bytes


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    No more than the limit is held in memory, whatever the request says about its length.

    Raises:
        HTTPException: the body is longer than MAX_UPLOAD. Status 413.
    """
    too_long = HTTPException(
        413, f"photo: more than {MAX_UPLOAD // 10**6} MB; choose a smaller one"
    )
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_UPLOAD:
        raise too_long
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_UPLOAD:
            raise too_long
    return bytes(content)
