"""The least that Starlette can do: the same bytes each time. What a read can be compared to."""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def _constant(size: int) -> Route:
    body = b"x" * size

    async def constant(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    return Route(f"/v1/constant/{size}", constant)


app = Starlette(routes=[_constant(int(size)) for size in os.environ.get("CONSTANT_BYTES", "1000").split(",")])
