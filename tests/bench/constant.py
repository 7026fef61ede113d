"""The least that a Starlette app can do: the same bytes each time, CONSTANT_BYTES of them."""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_BODY = b"x" * int(os.environ.get("CONSTANT_BYTES", "8600"))


async def _constant(_request: Request) -> Response:
    return Response(_BODY, media_type="application/json")


app = Starlette(routes=[Route("/", _constant)])
