"""Answers what is in the cache before anything else looks at the request.

Routing, validation and dependencies cost several times as much as sending the bytes. They are done when an address is asked
for the first time, and once a second when its page is made anew (docs/decisions/0046).
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from posts import etags, reads
from posts.pages import Reply


class Front:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page, known = _in_cache(scope) if scope["type"] == "http" else (None, b"")
        if page is None:
            await self._app(scope, receive, send)
            return
        same = etags.matches(known.decode("latin-1"), page.etag)
        status, body = (304, b"") if same else (200, page.body)
        # A 304 has no content, and so neither its type nor its length.
        headers = list(page.headers[2:] if same else page.headers)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _in_cache(scope: Scope) -> tuple[Reply | None, bytes]:
    """The page, and which one the reader has. Who is signed in is looked up first."""
    if scope["method"] != "GET":
        return None, b""
    page = reads.known((scope["path"], scope["query_string"]))
    if page is None:
        return None, b""
    known = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return None, b""
        if name == b"if-none-match":
            known = value if not known else known + b"," + value
    return page, known
