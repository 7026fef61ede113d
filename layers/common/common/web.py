"""The frame of a group's FastAPI app: errors as problem+json, request ids, health, readable operation ids."""

import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from importlib import import_module
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from common import health
from common.errors import PROBLEM_REF, AppError, ServiceUnavailable, Unprocessable
from common.logs import request_id
from common.reply_limit import ReplyLimit
from common.request_context import RequestContext
from common.schemas import FieldProblem, Problem
from common.settings import Group

_log = logging.getLogger("artel.web")
_MOST_FIELDS = 20
_LONGEST_PLACE = 200
"""A request may have any number of wrong fields with names of any length. The reply names a few; one of more than 6 MB would
be a 502 on Lambda."""


class App(FastAPI):
    """Routers may be left for later, so that a cold start pays for what is asked of it (docs/decisions/0035)."""

    later: list[str]
    front: Callable[[ASGIApp], ASGIApp] | None = None

    def build_middleware_stack(self) -> ASGIApp:
        """The request's context outside of everything, so that an unexpected error is answered with its id too."""
        stack = super().build_middleware_stack()
        return RequestContext(self.front(stack) if self.front else stack)

    def complete(self) -> None:
        """Import all that was left for later. Servers do so before they serve."""
        while self.later:
            self._import_next()

    def _import_next(self) -> None:
        self.add_group_router(import_module(self.later.pop(0)).router)

    def add_group_router(self, router: APIRouter) -> None:
        group = self.state.group
        self.include_router(router, prefix=f"/v1/{group}", tags=[group])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while self.later and scope["type"] == "http" and not self._answers(scope):
            self._import_next()
        await super().__call__(scope, receive, send)

    def _answers(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self.router.routes)


def create_app(
    group: Group,
    router: APIRouter | None = None,
    later: Sequence[str] = (),
    front: Callable[[ASGIApp], ASGIApp] | None = None,
    *,
    alike: bool = False,
) -> App:
    """The app of one group; its paths are whole (`/v1/<group>/…`), so gateway and server need not rewrite any.

    `later`: modules with a `router` each, imported one after the other until one has the answer to a request, so the
    most wanted stand first. `front`: what sees a request before all of Starlette does, and may answer it.
    `alike`: what the group takes and gives under one name has one description.
    """

    def operation_id(route: APIRoute) -> str:
        return f"{group}_{route.name}"

    # Whether OpenTelemetry is configured around us. Else FastAPI need not ask with each request, which takes 5 µs of it.
    observed = any(name.startswith("OTEL_") for name in os.environ)
    app = App(
        title=f"Artel {group}",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        separate_input_output_schemas=not alike,
        telemetry={"tracing": observed, "metrics": observed, "logs": observed},
        responses={422: {"model": Problem, "description": "The request is malformed."}},
    )
    app.add_middleware(ReplyLimit)
    app.state.group = group
    app.later, app.front = list(later), front
    app.openapi = partial(_document, app)  # type: ignore[method-assign]  # FastAPI's documented way
    app.add_group_router(health.router)
    if router is not None:
        app.add_group_router(router)
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(PoolTimeout, _unavailable)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(OSError, _unavailable)
    app.add_exception_handler(Exception, _unexpected)
    return app


def _document(app: App) -> dict[str, Any]:
    """FastAPI's document, with its one mistake mended: it takes the 422 model for `application/json`."""
    app.complete()
    document = FastAPI.openapi(app)
    for operations in document["paths"].values():
        for operation in operations.values():
            malformed = operation["responses"]["422"]
            malformed["content"] = {"application/problem+json": {"schema": PROBLEM_REF}}
    return document


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, errors: list[FieldProblem] | None = None
) -> JSONResponse:
    """RFC 9457."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        request_id=request_id.get(),
        errors=errors,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True), status, headers=headers, media_type="application/problem+json"
    )


def _render(error: AppError) -> JSONResponse:
    return problem(error.status, error.code, error.detail, error.response_headers)


async def _app_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    return _render(error)


def _place(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location)[:_LONGEST_PLACE]


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    """The values that were sent are not repeated: a password may be among them."""
    assert isinstance(error, RequestValidationError)
    fields = [FieldProblem(location=_place(e["loc"]), message=e["msg"]) for e in error.errors()[:_MOST_FIELDS]]
    first = f"{fields[0].location}: {fields[0].message}" if fields else Unprocessable().detail
    return problem(422, "MalformedRequest", first, errors=fields)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    """What Starlette itself raises: no such path, no such method."""
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.replace(" ", "")
    return problem(error.status_code, code, str(error.detail), dict(error.headers or {}))


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    _log.error("unavailable", exc_info=error)
    return _render(ServiceUnavailable())


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    """A lost or refused connection will heal: 503 and try again. Anything else in the database is our bug."""
    assert isinstance(error, DBAPIError)
    transient = error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _TRANSIENT
    return await (_unavailable if transient else _unexpected)(request, error)


# No connection at all has no SQLSTATE. Else: serialization, deadlock, a lock that others keep for too long, too many
# connections, shutting down, starting up.
_TRANSIENT = {None, "40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03", "08006", "08001", "08003"}


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    _log.error("unexpected", exc_info=error)
    return problem(500, "InternalError", "Something went wrong on our side. Please tell us the request id.")
