"""The outermost layer of every app: gives the request its id, returns it as a header, logs one line."""

import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.logs import configure_logs, request_id
from common.settings import settings

HEADER = "X-Request-Id"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._=-]{8,64}")
_log = logging.getLogger("artel.access")


def _id_of(scope: Scope) -> str:
    """The caller's own id if it looks like one, else the gateway's, else a new one."""
    given = Headers(scope=scope).get(HEADER, "")
    if _ACCEPTABLE.fullmatch(given):
        return given
    event: dict[str, Any] = scope.get("aws.event") or {}
    gateway = str(event.get("requestContext", {}).get("requestId", ""))
    return gateway if _ACCEPTABLE.fullmatch(gateway) else str(uuid.uuid4())


class RequestContext:
    """Pure ASGI: Starlette's BaseHTTPMiddleware costs a task and a queue per request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        configure_logs(settings().log_level)
        identifier = _id_of(scope)
        token = request_id.set(identifier)
        started, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = identifier
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            ms = round((time.perf_counter() - started) * 1000, 1)
            _log.info("request", extra={"method": scope["method"], "path": scope["path"], "status": status, "ms": ms})
            request_id.reset(token)
