"""What a Lambda may answer with: 6 MB, and a larger reply would be a 502 that explains nothing."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.errors import Unprocessable

LIMIT = 6 * 1024 * 1024 - 64 * 1024
"""Bytes of the reply as Lambda sends it on; the rest is for its headers."""
_ESCAPED = b'"\\\n\r\t'


class ReplyTooLarge(Unprocessable):
    """The answer would be larger than 6 MB, the most that can be sent here at once; ask for less of it."""


class _OverLimit(Exception):
    """Ends the work on a reply that cannot be sent."""


def _cost(chunk: bytes, *, as_text: bool) -> int:
    """Lambda wraps it up in JSON: text with its quotes escaped, anything else as base64."""
    if as_text:
        return len(chunk) + sum(chunk.count(letter) for letter in _ESCAPED)
    return len(chunk) * 4 // 3 + 4


class ReplyLimit:
    """Keeps a reply back until all of it is known to fit. Nothing is lost by that: Lambda sends replies whole."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "aws.event" not in scope:
            await self.app(scope, receive, send)
            return
        from common.lambda_entry import TEXT

        kept: list[Message] = []
        cost, as_text = 0, True

        async def keep(message: Message) -> None:
            nonlocal cost, as_text
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                as_text = any(each in kind for each in TEXT)
            cost += _cost(message.get("body", b""), as_text=as_text)
            if cost > LIMIT:
                raise _OverLimit
            kept.append(message)

        try:
            await self.app(scope, receive, keep)
        except _OverLimit:
            from common.web import problem

            refused = problem(ReplyTooLarge.status, ReplyTooLarge.__name__, ReplyTooLarge().detail)
            await refused(scope, receive, send)
            return
        for message in kept:
            await send(message)
