"""How much a request may send: bodies are read into memory, and whoever sends one need not be signed in.

FastAPI's own limit answers in plain text, and an error here is a problem document like any other.
On AWS the gateway and Lambda have limits of their own. Files never come this way: browsers send them to the object store.
"""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BYTES = 2 * 1024 * 1024
"""The longest post there can be, each of its characters escaped in JSON, has 1.2 MB."""

_DIGITS = 20
_WITHOUT_BODY = ("GET", "HEAD")
"""Nobody reads what comes with these."""


class BodyLimit:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        announced = _length(Headers(scope=scope).get("content-length", ""))
        came = 0

        async def receive_so_much() -> Message:
            nonlocal came
            _refuse(announced)  # before anything of it is waited for
            message = await receive()
            came += len(message.get("body", b""))  # whatever was announced
            _refuse(came)
            return message

        await self._app(scope, receive_so_much, send)


def _length(announced: str) -> int:
    """0 for nonsense, which the server before us refuses."""
    return int(announced) if announced.isdecimal() and len(announced) < _DIGITS else 0


def _refuse(size: int) -> None:
    if size > MAX_BYTES:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request may have {MAX_BYTES} bytes at most.")
