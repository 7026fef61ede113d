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

_BODY = b"x" * int(os.environ.get("CONSTANT_BYTES", "1000"))


async def _constant(_request: Request) -> Response:
    return Response(_BODY, media_type="application/json")


_APP = Starlette(routes=[Route("/v1/constant", _constant)], middleware=[Middleware(ReplyLimit)])
app = SecurityHeaders(BodyLimit(RequestContext(_APP)))
