"""The outermost layer of every app: gives the request its id, returns it as a header, logs one line."""

import logging
import os
import re
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.logs import configure_logs, request_id
from common.settings import settings

HEADER = "X-Request-Id"
_NAME = HEADER.lower().encode()
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._=-]{8,64}")
_log = logging.getLogger("artel.access")


def _id_of(scope: Scope) -> str:
    """The caller's own id if it looks like one, else the gateway's, else a new one."""
    for name, value in scope["headers"]:
        if name == _NAME and _ACCEPTABLE.fullmatch(given := value.decode("latin-1")):
            return str(given)
    if event := scope.get("aws.event"):
        gateway = str(event.get("requestContext", {}).get("requestId", ""))
        if _ACCEPTABLE.fullmatch(gateway):
            return gateway
    return os.urandom(16).hex()


class RequestContext:
    """Pure ASGI: Starlette's BaseHTTPMiddleware costs a task and a queue per request, and its classes for headers as much as
    all the rest of this."""

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
                message["headers"] = [*message["headers"], (_NAME, identifier.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            if _log.isEnabledFor(logging.INFO):
                ms = round((time.perf_counter() - started) * 1000, 1)
                line = {"method": scope["method"], "path": scope["path"], "status": status, "ms": ms}
                _log.info("request", extra=line)
            request_id.reset(token)
