"""Replies of bytes that are ready, and the short way to them for what has been asked before."""

from collections import OrderedDict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

from common.idempotency import REPLAYED
from common.identity import current_user
from posts import etags, reading
from posts.wanted import Wanted

SHARED = "public, max-age=1, stale-while-revalidate=10"
"""Short: a list must show a new post at once, and one second already absorbs any rush."""
_OWN = b"private, no-cache"
"""For who is signed in: asks each time, and has 304 if nothing is new. No cache on the way may answer."""
_VARY = (b"vary", b"authorization")
_JSON = (b"content-type", b"application/json")
_MOST_TARGETS = 5000
_LONGEST_TARGET = 1000
"""Bytes. Longer ones are nothing that is asked for often, and so many of them would fill the memory."""


class Ready(Response):
    """What Starlette's would make of the same, without making it of dictionaries each time."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status_code = status
        self.raw_headers = headers
        self.body = body
        self.background = None


def ready(body: str, etag: str, status: int = 200, *, replayed: bool = False) -> Ready:
    """The reply to a write: nobody keeps it."""
    content = body.encode()
    headers = [(b"content-length", b"%d" % len(content)), _JSON, (b"etag", etag.encode())]
    if replayed:
        headers += [(name.lower().encode(), value.encode()) for name, value in REPLAYED.items()]
    return Ready(status, [*headers, (b"cache-control", b"no-store")], content)


def made(request: Request, text: str, cache_control: str, etag: str | None = None, status: int = 200) -> Ready:
    """JSON that was made for this request, or 304 when the reader has it."""
    body = text.encode()
    tag = etag or etags.of_bytes(body)
    headers = [(b"etag", tag.encode()), (b"cache-control", cache_control.encode()), _VARY]
    known = ",".join(request.headers.getlist("if-none-match"))
    if request.method == "GET" and known and etags.knows(known, tag):
        return Ready(304, headers, b"")
    return Ready(status, [(b"content-length", b"%d" % len(body)), _JSON, *headers], body)


async def answer(scope: Scope, wanted: Wanted) -> Ready:
    """200 or 304. Credentials that are not those of a live session are refused, though reading is public: who sends some
    wants to know."""
    known, signed_in = "", False
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            known += f",{value.decode('latin-1')}" if known else value.decode("latin-1")
        elif name == b"authorization":
            signed_in = True
    if signed_in:
        await current_user(Request(scope), None)
        value, kept = await reading.read_newest(wanted), _OWN
    else:
        value, kept = await reading.read(wanted), SHARED.encode()
    return _reply(wanted, value, known, kept)


def _reply(wanted: Wanted, value: bytes, known: str, kept: bytes) -> Ready:
    etag, _, body = value.partition(b"\n")
    headers = [(b"etag", etag), (b"cache-control", kept), _VARY]
    if known and etags.knows(known, etag.decode()):
        return Ready(304, headers, b"")
    length = (b"content-length", b"%d" % len(body))
    return Ready(200, [length, (b"content-type", wanted.media), *headers], body)


class AskedBefore(BaseRoute):
    """The first route: a target (path and query, to the byte) that FastAPI has once found to be well-formed means the same
    the next time, and needs no parsing. FastAPI's way takes several times as long as all the rest of the answer."""

    def __init__(self) -> None:
        self._targets: OrderedDict[tuple[str, bytes], Wanted] = OrderedDict()

    def remember(self, scope: Scope, wanted: Wanted) -> None:
        if len(scope["path"]) + len(scope["query_string"]) > _LONGEST_TARGET:
            return
        self._targets[scope["path"], scope["query_string"]] = wanted
        if len(self._targets) > _MOST_TARGETS:
            self._targets.popitem(last=False)

    def known(self, scope: Scope) -> Wanted | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        return self._targets.get((scope["path"], scope["query_string"]))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        wanted = self.known(scope)
        return (Match.FULL, {"wanted": wanted}) if wanted is not None else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = await answer(scope, scope["wanted"])
        await reply(scope, receive, send)

    def url_path_for(self, name: str, /, **_params: Any) -> Any:
        raise NoMatchFound(name, {})


asked_before = AskedBefore()


async def first_answer(request: Request, wanted: Wanted) -> Ready:
    """The next time this target is asked for, the short way finds it."""
    asked_before.remember(request.scope, wanted)
    return await answer(request.scope, wanted)


class Front:
    """Before all of Starlette: what is in the cache is sent at once. Its layers take as long again as sending the bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = asked_before.known(scope)
        value = None if wanted is None else reading.peek(wanted)
        if wanted is None or value is None:
            await self._app(scope, receive, send)
            return
        known = ""
        for name, given in scope["headers"]:
            if name == b"authorization":
                await self._app(scope, receive, send)
                return
            if name == b"if-none-match":
                known += f",{given.decode('latin-1')}"
        await _reply(wanted, value, known, SHARED.encode())(scope, receive, send)
