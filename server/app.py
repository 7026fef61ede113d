"""All groups behind one ASGI app, with the page and the API's description beside them: what uvicorn serves."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cache
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from common.db import dispose_engines
from common.errors import AppError, NotFound
from common.request_context import RequestContext
from common.settings import Group, settings
from common.shared_cache import close_shared_caches
from common.web import problem
from server import docs, mailbox, robots, status
from server.body_limit import BodyLimit
from server.groups import chosen, load
from server.headers import SecurityHeaders, policy
from server.openapi import merged
from server.page import Page


class Dispatch:
    """`/v1/<group>/…` goes to the group's own app with its path whole, exactly as from API Gateway."""

    def __init__(self, groups: Mapping[Group, ASGIApp], rest: ASGIApp) -> None:
        self._groups: dict[str, ASGIApp] = {group: SecurityHeaders(BodyLimit(app)) for group, app in groups.items()}
        self._nothing = SecurityHeaders(RequestContext(_no_such_group))
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == "/v1" or path.startswith("/v1/"):
            app = self._groups.get(path[4:].partition("/")[0], self._nothing)
        elif "posts" in self._groups and (preview := robots.preview_path(scope)):
            scope = {**scope, "path": preview, "raw_path": quote(preview).encode(), "query_string": b""}
            app = self._groups["posts"]
        else:
            app = self._rest
        await app(scope, receive, send)


async def _no_such_group(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await problem(404, "NotFound", NotFound().detail)(scope, receive, send)


async def _app_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return problem(error.status, error.code, error.detail, error.response_headers)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.replace(" ", "")
    return problem(error.status_code, code, error.detail, dict(error.headers or {}))


def _description(groups: Mapping[Group, FastAPI]) -> Route:
    document = cache(lambda: merged(groups))

    async def openapi(_request: Request) -> Response:
        return JSONResponse(document(), headers={"cache-control": "no-cache"})

    return Route("/openapi.json", openapi)


def _local_only(routes: list[BaseRoute]) -> list[BaseRoute]:
    return routes if settings().environment == "local" else []


def _lifespan(apps: Mapping[Group, FastAPI]) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A mounted app's own lifespan is not run by the outer one; and the pools must close before their loop does."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(dispose_engines)
            stack.push_async_callback(close_shared_caches)
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    return lifespan


def create_app(groups: tuple[Group, ...] | None = None) -> ASGIApp:
    """The groups of GROUPS, if not told."""
    apps = {group: load(group) for group in groups or chosen()}
    rest = Starlette(
        routes=[
            _description(apps),
            *status.routes(apps),
            *docs.ROUTES,
            *robots.ROUTES,
            *_local_only(mailbox.ROUTES),
            Mount("/", Page()),
        ],
        exception_handlers={AppError: _app_error, HTTPException: _http_error},
        lifespan=_lifespan(apps),
    )
    return Dispatch(apps, SecurityHeaders(RequestContext(GZipMiddleware(rest, minimum_size=1000)), policy()))


def __getattr__(name: str) -> ASGIApp:
    """`server.app:app` for uvicorn, made on first use: which groups it has is the environment's say."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = made = create_app()
    return made
