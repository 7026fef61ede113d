"""Constant bytes by Starlette alone, behind the same middlewares as a group's app: what a read can be compared to."""

import os

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from common.reply_limit import ReplyLimit
from common.request_context import RequestContext
from server.body_limit import BodyLimit
from server.headers import SecurityHeaders


def _constant(size: int) -> Route:
    body = b"x" * size

    async def constant(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    return Route(f"/v1/constant/{size}", constant)


_SIZES = os.environ.get("CONSTANT_BYTES", "1000").split(",")
_APP = Starlette(routes=[_constant(int(size)) for size in _SIZES], middleware=[Middleware(ReplyLimit)])
app = SecurityHeaders(BodyLimit(RequestContext(_APP)))
