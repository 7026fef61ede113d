"""The cookies: out of reach of scripts, sent to nothing but `/v1/auth`, and the refresh token only from our own pages."""

from datetime import timedelta

from fastapi import Request, Response

from auth.devices import LIFE as DEVICE_LIFE
from auth.errors import ForeignOrigin, InvalidRefreshToken
from auth.sessions import SLIDING
from common.settings import settings

_PATH = "/v1/auth"


def _secure() -> bool:
    return settings().public_url.startswith("https://")


def _name(what: str) -> str:
    """Browsers refuse a `__Secure-` name over plain http, which a laptop on a local network is."""
    return f"{'__Secure-' if _secure() else ''}artel-{what}"


def _put(response: Response, what: str, value: str, life: timedelta) -> None:
    response.set_cookie(
        _name(what),
        value,
        max_age=int(life.total_seconds()),
        path=_PATH,
        secure=_secure(),
        httponly=True,
        samesite="strict",
    )


def put(response: Response, token: str) -> None:
    _put(response, "refresh", token, SLIDING)


def put_device(response: Response, token: str) -> None:
    _put(response, "device", token, DEVICE_LIFE)


def put_visit(response: Response, secret: str, life: timedelta) -> None:
    """What binds a visit to an outside provider to the browser that began it."""
    _put(response, "visit", secret, life)


def visit(request: Request) -> str | None:
    return request.cookies.get(_name("visit"))


def device(request: Request) -> str | None:
    return request.cookies.get(_name("device"))


def drop(response: Response) -> None:
    response.delete_cookie(_name("refresh"), path=_PATH, secure=_secure(), httponly=True, samesite="strict")


def given(request: Request) -> str | None:
    """The cookie's token, when one of our own pages sent it."""
    token = request.cookies.get(_name("refresh"))
    if token is not None and request.headers.get("origin") not in settings().origins:
        raise ForeignOrigin
    return token


def either(body_token: str | None, request: Request) -> str:
    token = body_token or given(request)
    if not token:
        raise InvalidRefreshToken
    return token
