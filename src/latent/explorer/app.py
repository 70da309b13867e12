"""The explorer's HTTP interface.

Points of a latent space are lists of numbers in JSON. Images are uint8 (N, H, W, C), sent as their
bytes, which the page draws without decoding a file. Images within JSON are base64.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse

from latent.errors import InputError
from latent.explorer.guard import Guard
from latent.explorer.models import Models

STATIC = Path(__file__).parent / "static"
MAX_POINTS = 256  # per request
MAX_STEPS = 101  # of a morph
MAX_NEIGHBOURS = 50
MAX_SEED = 2**32 - 1

Number = Annotated[float, Field(allow_inf_nan=False)]
Point = Annotated[list[Number], Field(min_length=1)]


class Body(BaseModel):
    """The JSON body of a request. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class Part(Body):
    """Points of one model."""

    model: str
    z: Annotated[list[Point], Field(max_length=MAX_POINTS)]


class DecodeBody(Body):
    """Points of one or several models."""

    parts: Annotated[list[Part], Field(min_length=1, max_length=3)]


class EditBody(Body):
    """A point, and α by attribute."""

    z: Point
    changes: dict[str, Number]
    orthogonal: bool = False


class MorphBody(Body):
    """Two points, and the number of frames."""

    a: Point
    b: Point
    steps: Annotated[int, Field(ge=2, le=MAX_STEPS)]


class NearestBody(Body):
    """A point, and a number of images."""

    z: Point
    count: Annotated[int, Field(ge=1, le=MAX_NEIGHBOURS)] = 6


def create_app(root: Path, port: int) -> Guard:
    """Return the application.

    Args:
        root: folder of the project.
        port: port at which it is served. Requests for other hosts or ports are rejected.
    """
    models = Models(root)
    app = FastAPI(
        # FastAPI's documentation of the interface loads its scripts from another host.
        openapi_url=None,
        exception_handlers={
            InputError: _input_error,
            RequestValidationError: _invalid_request,
            HTTPException: _http_error,
            ClientDisconnect: _closed,
            Exception: _defect,
        },
    )

    @app.get("/")
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    app.mount("/static", StaticFiles(directory=STATIC))

    @app.get("/api/models")
    def list_models() -> list[dict[str, Any]]:
        return models.overview()

    @app.get("/api/models/{name}")
    def describe(name: str) -> dict[str, Any]:
        return models.get(name).describe()

    @app.get("/api/models/{name}/plane")
    def plane(name: str) -> JSONResponse:
        # Without the conversion of `jsonable_encoder`, which takes a second for all points.
        return JSONResponse(models.get(name).plane)

    @app.get("/api/models/{name}/samples/{seed}")
    def sample(name: str, seed: Annotated[int, Field(ge=0, le=MAX_SEED)]) -> JSONResponse:
        return JSONResponse(models.get(name).sample(seed))

    @app.get("/api/models/{name}/test/{row}")
    def test_image(name: str, row: int) -> JSONResponse:
        return JSONResponse(models.get(name).test_image(row))

    @app.post("/api/models/{name}/encode")
    async def encode(name: str, request: Request) -> JSONResponse:
        content = await request.body()
        answer = await run_in_threadpool(lambda: models.get(name).photo(content))
        return JSONResponse(answer)

    @app.post("/api/decode")
    def decode(body: DecodeBody) -> Response:
        images = [models.get(part.model).decode(part.z) for part in body.parts]
        return _pixels(*images)

    @app.post("/api/models/{name}/edit")
    def edit(name: str, body: EditBody) -> Response:
        return _pixels(models.get(name).edit(body.z, body.changes, body.orthogonal))

    @app.post("/api/models/{name}/morph")
    def morph(name: str, body: MorphBody) -> Response:
        return _pixels(models.get(name).morph(body.a, body.b, body.steps))

    @app.post("/api/models/{name}/morph.gif")
    def morph_gif(name: str, body: MorphBody) -> Response:
        return Response(
            models.get(name).morph_gif(body.a, body.b, body.steps), media_type="image/gif"
        )

    @app.post("/api/models/{name}/nearest")
    def nearest(name: str, body: NearestBody) -> JSONResponse:
        return JSONResponse(models.get(name).nearest(body.z, body.count))

    # Outside of the application, so that it also sees the answers to requests that failed.
    return Guard(app, port)


def _pixels(*images: np.ndarray[Any, np.dtype[np.uint8]]) -> Response:
    """Return the bytes of images."""
    content = b"".join(image.tobytes() for image in images)
    return Response(content, media_type="application/octet-stream")


def _error(message: str, status: int) -> JSONResponse:
    # JSON of a request may contain half of a character (a surrogate), which has no bytes.
    return JSONResponse({"error": message.encode(errors="replace").decode()}, status)


async def _input_error(request: Request, error: Exception) -> JSONResponse:
    return _error(str(error), 400)


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    """Describe the first thing that is wrong, in one line and without the value."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "body"
    return _error(f"{where[:100]}: {first['msg']}", 422)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _error(error.detail, error.status_code)


async def _closed(request: Request, error: Exception) -> Response:
    """End a request whose page was closed during an upload. Nobody receives the answer."""
    return Response(status_code=400)


async def _defect(request: Request, error: Exception) -> JSONResponse:
    """Answer a request that failed because of a defect. uvicorn prints the traceback."""
    return _error(f"the explorer failed with {type(error).__name__}; see its output", 500)
